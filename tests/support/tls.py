"""Certificates for tests, made by openssl in a test's own directory, and a broker that asks for TLS and a password."""
import socket
import subprocess

from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from support.broker import Broker

KEYSTORE_PASSWORD = "of-the-test"
USER = "lander"


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def make_authority(directory, name):
    """The certificate of a new authority; its key lies beside it."""
    certificate = directory / f"{name}.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={name}", "-keyout",
            directory / f"{name}.key", "-out", certificate)
    return certificate


def make_keystore(directory, authority, names):
    """A PKCS#12 file for a server that goes by these names ("IP:127.0.0.1")."""
    request, key, certificate, extension, store = (directory / f"server.{end}" for end in
                                                   ("csr", "key", "pem", "ext", "p12"))
    extension.write_text(f"subjectAltName={names}\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker", "-keyout", key, "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority.with_suffix(".key"),
            "-CAcreateserial", "-days", 2, "-extfile", extension, "-out", certificate)
    openssl("pkcs12", "-export", "-in", certificate, "-inkey", key, "-certfile", authority, "-passout",
            f"pass:{KEYSTORE_PASSWORD}", "-out", store)
    return store


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SecureBroker(Broker):
    """`secure_address` wants TLS and SCRAM-SHA-256; its certificate is for 127.0.0.1 and nothing else."""

    def __init__(self, directory, password):
        super().__init__(directory)
        directory.mkdir()
        self.password = password
        self.authority = make_authority(directory, "authority")
        store = make_keystore(directory, self.authority, "IP:127.0.0.1")
        self.secure_port = free_port()
        self.secure_address = f"127.0.0.1:{self.secure_port}"
        secure = f"SECURE://{self.secure_address}"
        (directory / "extra.properties").write_text(f"""
listeners=PLAINTEXT://127.0.0.1:@PORT@,CONTROLLER://127.0.0.1:@CONTROLLER_PORT@,{secure}
advertised.listeners=PLAINTEXT://127.0.0.1:@PORT@,{secure}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-256
listener.name.secure.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PKCS12
ssl.keystore.location={store}
ssl.keystore.password={KEYSTORE_PASSWORD}
ssl.key.password={KEYSTORE_PASSWORD}
""")

    def __enter__(self):
        super().__enter__()
        admin = AdminClient({"bootstrap.servers": self.address})
        credential = UserScramCredentialUpsertion(USER, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096),
                                                  self.password.encode())
        for answer in admin.alter_user_scram_credentials([credential]).values():
            answer.result(30)
        return self

    def client_settings(self, path, authority=None, password="${KAFKA_PASSWORD}"):
        """Writes a --kafka-config file."""
        path.write_text(f"""security.protocol=SASL_SSL
sasl.mechanisms=SCRAM-SHA-256
sasl.username={USER}
sasl.password={password}
ssl.ca.location={authority or self.authority}
""")
        return path
