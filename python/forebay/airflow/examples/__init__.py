"""Example work around the shop scenario: produce records, and report the sales of each complete date.

Only `tasks` imports Airflow.
"""
