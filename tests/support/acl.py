"""A broker that gives rights: anyone on its plain listener may do all; `reader` may do what a test grants."""
import time

from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient,
                                   ResourcePatternType, ResourceType)

from support.broker import Broker
from support.tls import free_port

READER, PASSWORD = "reader", "of-the-test"


class AclBroker(Broker):
    """`reader_address` is a listener that asks for a user name and a password."""

    def __init__(self, directory):
        super().__init__(directory)
        directory.mkdir()
        self.reader_address = f"127.0.0.1:{free_port()}"
        reader = f"READER://{self.reader_address}"
        module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        (directory / "extra.properties").write_text(f"""
listeners=PLAINTEXT://127.0.0.1:@PORT@,CONTROLLER://127.0.0.1:@CONTROLLER_PORT@,{reader}
advertised.listeners=PLAINTEXT://127.0.0.1:@PORT@,{reader}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,READER:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.reader.plain.sasl.jaas.config={module} required user_{READER}="{PASSWORD}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
""")

    def grant(self, topic, *operations):
        """Gives the reader rights on a topic; returns once the broker knows them."""
        bindings = [AclBinding(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{READER}", "*",
                               AclOperation[operation], AclPermissionType.ALLOW) for operation in operations]
        admin = AdminClient({"bootstrap.servers": self.address})  # kept: the answers come from its thread
        for answer in admin.create_acls(bindings).values():
            answer.result(30)
        every = AclBindingFilter(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, None, None, AclOperation.ANY,
                                 AclPermissionType.ANY)
        deadline = time.monotonic() + 60
        while not set(bindings) <= set(admin.describe_acls(every).result(30)):
            assert time.monotonic() < deadline, "the broker does not know the rights"
            time.sleep(0.05)

    @staticmethod
    def reader_settings(path):
        """Writes a --kafka-config file of the reader's."""
        path.write_text(f"security.protocol=SASL_PLAINTEXT\nsasl.mechanisms=PLAIN\n"
                        f"sasl.username={READER}\nsasl.password={PASSWORD}\n")
        return path
