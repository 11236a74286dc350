"""A broker with Kafka's own authorizer: its users may do what they were granted, and nothing else."""
import time

from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient,
                                   ResourcePatternType, ResourceType)

from support.broker import Broker
from support.tls import free_port

USER, PASSWORD = "reader", "readers-secret"
PRINCIPAL = f"User:{USER}"


class GuardedBroker(Broker):
    """`address` is for the tests themselves, who may do everything; `guarded_address` asks for name and password."""

    def __init__(self, directory):
        super().__init__(directory)
        directory.mkdir()
        self.guarded_address = f"127.0.0.1:{free_port()}"
        guarded = f"GUARDED://{self.guarded_address}"
        (directory / "extra.properties").write_text(f"""
listeners=PLAINTEXT://127.0.0.1:@PORT@,CONTROLLER://127.0.0.1:@CONTROLLER_PORT@,{guarded}
advertised.listeners=PLAINTEXT://127.0.0.1:@PORT@,{guarded}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
  user_{USER}="{PASSWORD}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
""")

    def client_settings(self, directory):
        """Writes a --kafka-config file."""
        path = directory / "reader.properties"
        path.write_text(f"security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username={USER}\n"
                        f"sasl.password={PASSWORD}\n")
        return path

    def allow(self, kind, name, *operations):
        """Grants the reader these operations ("READ") on a "topic" or "group"; returns once the broker knows."""
        admin = AdminClient({"bootstrap.servers": self.address})
        kind = ResourceType[kind.upper()]
        wanted = {AclOperation[operation] for operation in operations}
        bindings = [AclBinding(kind, name, ResourcePatternType.LITERAL, PRINCIPAL, "*", operation,
                               AclPermissionType.ALLOW) for operation in wanted]
        for answer in admin.create_acls(bindings).values():
            answer.result(30)
        all_of_it = AclBindingFilter(kind, name, ResourcePatternType.LITERAL, PRINCIPAL, None, AclOperation.ANY,
                                     AclPermissionType.ANY)
        deadline = time.monotonic() + 30
        while not wanted <= {binding.operation for binding in admin.describe_acls(all_of_it).result(30)}:
            assert time.monotonic() < deadline
            time.sleep(0.05)
