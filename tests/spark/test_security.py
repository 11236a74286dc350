"""One settings file for both clients, against a broker that asks for more: librdkafka plans, Spark's client reads."""
import base64
import http.server
import json
import os
import subprocess
import threading
import time

import pytest

from support.broker import Broker
from support.contracts import ContractCopy
from support.spark import SparkLanding
from support.tls import KEYSTORE_PASSWORD, free_port, make_authority, make_keystore, openssl

OAUTH = "org.apache.kafka.common.security.oauthbearer"
ALLOWED_URLS = "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls"


def encoded(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class TokenServer(http.server.ThreadingHTTPServer):
    """Gives tokens to a client that knows the secret. A context manager; `keys` is the file of its public key."""

    def __init__(self, directory):
        super().__init__(("127.0.0.1", 0), TokenRequest)
        self.key = directory / "issuer.key"
        openssl("genrsa", "-out", self.key, "2048")
        modulus = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"], capture_output=True,
                                 text=True, check=True).stdout.partition("=")[2].strip()
        self.keys = directory / "jwks.json"
        self.keys.write_text(json.dumps({"keys": [{"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256",
                                                   "n": encoded(bytes.fromhex(modulus)), "e": "AQAB"}]}))
        self.given = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/token"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def token(self):
        self.given += 1
        now = int(time.time())
        parts = [{"alg": "RS256", "kid": "1", "typ": "JWT"},
                 {"sub": "lander", "iat": now, "exp": now + 600, "scope": "topics"}]
        signed = ".".join(encoded(json.dumps(part).encode()) for part in parts)
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=signed.encode(),
                                   capture_output=True, check=True).stdout
        return f"{signed}.{encoded(signature)}"


class TokenRequest(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = self.headers.get("Authorization") == "Basic " + base64.b64encode(b"lander:s3cret").decode()
        body = json.dumps({"access_token": self.server.token(), "token_type": "Bearer", "expires_in": 600}
                          if known else {"error": "invalid_client"}).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class StrictBroker(Broker):
    """Listeners that ask for a certificate (`CERTIFICATE`) and for a token (`TOKEN`); their addresses by name."""

    def __init__(self, directory, issuer):
        super().__init__(directory)
        directory.mkdir()
        self.authority = make_authority(directory, "authority")
        self.addresses = {name: f"127.0.0.1:{free_port()}" for name in ("CERTIFICATE", "TOKEN")}
        listeners = ",".join(f"{name}://{address}" for name, address in self.addresses.items())
        self.store = make_keystore(directory, self.authority, "IP:127.0.0.1")
        token = "listener.name.token.oauthbearer."
        (directory / "extra.properties").write_text(f"""
listeners=PLAINTEXT://127.0.0.1:@PORT@,CONTROLLER://127.0.0.1:@CONTROLLER_PORT@,{listeners}
advertised.listeners=PLAINTEXT://127.0.0.1:@PORT@,{listeners}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CERTIFICATE:SSL,TOKEN:SASL_PLAINTEXT
listener.name.certificate.ssl.client.auth=required
listener.name.certificate.ssl.keystore.type=PKCS12
listener.name.certificate.ssl.keystore.location={self.store}
listener.name.certificate.ssl.keystore.password={KEYSTORE_PASSWORD}
listener.name.certificate.ssl.key.password={KEYSTORE_PASSWORD}
listener.name.certificate.ssl.truststore.type=PEM
listener.name.certificate.ssl.truststore.location={self.authority}
sasl.enabled.mechanisms=OAUTHBEARER
{token}sasl.jaas.config={OAUTH}.OAuthBearerLoginModule required;
{token}sasl.server.callback.handler.class={OAUTH}.OAuthBearerValidatorCallbackHandler
{token}sasl.oauthbearer.jwks.endpoint.url={issuer.keys.as_uri()}
""")


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    with TokenServer(tmp_path_factory.mktemp("issuer")) as server:
        yield server


@pytest.fixture(scope="module")
def strict(tmp_path_factory, issuer):
    tools = os.environ["JAVA_TOOL_OPTIONS"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", f"{tools} {ALLOWED_URLS}={issuer.keys.as_uri()}")
        broker = StrictBroker(tmp_path_factory.mktemp("strict") / "broker", issuer)
        with broker:
            yield broker


@pytest.fixture
def produced(forebay, strict, tmp_path, spark_session):
    landing = SparkLanding(forebay, strict, ContractCopy("shop.odcs.yaml", tmp_path, partitions=2), tmp_path,
                           spark_session)
    landing.produce("--records", 500, "--seed", 1)
    return landing


def assert_lands(landing, address, settings):
    file = landing.directory / "kafka.properties"
    file.write_text("\n".join(f"{name}={value}" for name, value in settings.items()) + "\n")
    assert landing.spark_here(brokers=address, kafka_config=file).rows > 500
    assert landing.verify("--require-landed").json["clean"]


def test_a_key_store_and_another_host_name(produced, strict):
    """The certificate is of the address, and not of the name that the client is told."""
    address = strict.addresses["CERTIFICATE"].replace("127.0.0.1", "localhost")
    assert_lands(produced, address, {
        "security.protocol": "ssl", "ssl.ca.location": strict.authority, "ssl.keystore.location": strict.store,
        "ssl.keystore.password": KEYSTORE_PASSWORD, "ssl.endpoint.identification.algorithm": "none"})


def test_a_certificate_and_its_key_in_pem(produced, strict, tmp_path):
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    parts = ("pkcs12", "-in", strict.store, "-passin", f"pass:{KEYSTORE_PASSWORD}")
    openssl(*parts, "-nokeys", "-clcerts", "-out", certificate)
    openssl(*parts, "-nocerts", "-nodes", "-out", key)
    assert_lands(produced, strict.addresses["CERTIFICATE"], {
        "security.protocol": "ssl", "ssl.ca.location": strict.authority, "ssl.certificate.location": certificate,
        "ssl.key.location": key, "ssl.key.password": "not-needed", "enable.ssl.certificate.verification": "true"})


def test_a_token_of_an_issuer(produced, strict, issuer):
    assert_lands(produced, strict.addresses["TOKEN"], {
        "security.protocol": "sasl_plaintext", "sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.token.endpoint.url": issuer.url, "sasl.oauthbearer.client.id": "lander",
        "sasl.oauthbearer.client.secret": "s3cret", "sasl.oauthbearer.scope": "topics"})
    assert issuer.given >= 2
