"""Translates librdkafka's settings of SASL, by which a client says who it is, to those of Kafka's Java client. Pure.

Java's client takes names and secrets from a line of JAAS, the configuration of a login module.
"""

from collections.abc import Mapping

from forebay.spark.failures import JobError, usage_error

KERBEROS, OAUTH = "GSSAPI", "OAUTHBEARER"
_PACKAGE = "org.apache.kafka.common.security."
_MODULES = {
    "PLAIN": _PACKAGE + "plain.PlainLoginModule",
    "SCRAM-SHA-256": _PACKAGE + "scram.ScramLoginModule",
    "SCRAM-SHA-512": _PACKAGE + "scram.ScramLoginModule",
    KERBEROS: "com.sun.security.auth.module.Krb5LoginModule",
    OAUTH: _PACKAGE + "oauthbearer.OAuthBearerLoginModule",
}
_OIDC_HANDLER = _PACKAGE + "oauthbearer.OAuthBearerLoginCallbackHandler"
OIDC_ENDPOINT = "sasl.oauthbearer.token.endpoint.url"
# Java's client asks no other address for a token than those of this property of the JVM.
ALLOWED_ENDPOINTS = "org.apache.kafka.sasl.oauthbearer.allowed.urls"
# Java's login module renews tickets itself.
_KINIT = ("sasl.kerberos.kinit.cmd",)
# Words of sasl.oauthbearer.config, for tokens without a signature.
_UNSECURED = {"principal", "principalClaimName", "lifeSeconds"}


def take(settings: dict[str, str], where: str) -> dict[str, str]:
    """Removes the settings of SASL from `settings`, and returns Java's; messages begin with `where`."""
    found = {name: settings.pop(name) for name in list(settings) if name.startswith(("sasl.", "enable.sasl."))}
    found |= {name: settings.pop(name) for name in ("https.ca.location",) if name in settings}
    protocol = settings.get("security.protocol", "").lower()
    if protocol in ("ssl", "plaintext"):  # librdkafka ignores them, too
        return {}
    mechanism = _mechanism(found, protocol, where)
    if mechanism is None:
        _refuse_rest(found, where, "set sasl.mechanism, and security.protocol to sasl_ssl")
        return {}
    java = {"sasl.mechanism": mechanism}
    if mechanism == KERBEROS:
        java |= _kerberos(found)
    elif mechanism == OAUTH:
        java |= _oauth(found, where)
    else:
        java |= _password(mechanism, found, where)
    _refuse_rest(found, where, f"remove it: sasl.mechanism is {mechanism}")
    return java


def _mechanism(found: dict[str, str], protocol: str, where: str) -> str | None:
    given = [found.pop(name) for name in ("sasl.mechanism", "sasl.mechanisms") if name in found]
    if not given:
        if protocol.startswith("sasl_") or {"sasl.username", "sasl.password"} & found.keys():
            raise usage_error(f"{where}: sasl.mechanism is missing; set it to one of {', '.join(_MODULES)}")
        return None
    if given[-1] not in _MODULES:
        raise usage_error(
            f"{where}: sasl.mechanism={given[-1]} has no counterpart in Spark's Kafka client; use one of "
            f"{', '.join(_MODULES)}"
        )
    return given[-1]


def _password(mechanism: str, found: dict[str, str], where: str) -> dict[str, str]:
    for name in ("sasl.username", "sasl.password"):
        if name not in found:
            raise usage_error(f"{where}: {name} is missing; {mechanism} needs it")
    return _jaas(mechanism, {"username": found.pop("sasl.username"), "password": found.pop("sasl.password")})


def _kerberos(found: dict[str, str]) -> dict[str, str]:
    """A key table, or else the tickets of the user who runs the job."""
    for name in _KINIT:
        found.pop(name, None)
    kept = ("sasl.kerberos.service.name", "sasl.kerberos.min.time.before.relogin")
    java = {name: found.pop(name) for name in kept if name in found}
    java.setdefault("sasl.kerberos.service.name", "kafka")
    keytab, principal = found.pop("sasl.kerberos.keytab", None), found.pop("sasl.kerberos.principal", None)
    if keytab:
        options = {"useKeyTab": "true", "storeKey": "true", "keyTab": keytab}
    else:
        options = {"useTicketCache": "true", "renewTGT": "true"}
    if principal or keytab:
        options["principal"] = principal or "kafkaclient"  # librdkafka's default
    return java | _jaas(KERBEROS, options)


def _oauth(found: dict[str, str], where: str) -> dict[str, str]:
    method = found.pop("sasl.oauthbearer.method", "default").lower()
    unsecured = found.pop("enable.sasl.oauthbearer.unsecure.jwt", "false").lower() == "true"
    if method == "oidc":
        return _oidc(found, where)
    if not unsecured:
        raise usage_error(
            f"{where}: sasl.mechanism=OAUTHBEARER without a way to get a token; set sasl.oauthbearer.method=oidc, "
            f"{OIDC_ENDPOINT}, and the client's id and secret"
        )
    return _jaas(OAUTH, _unsecured_token(found.pop("sasl.oauthbearer.config", ""), where))


def _oidc(found: dict[str, str], where: str) -> dict[str, str]:
    if (grant := found.pop("sasl.oauthbearer.grant.type", "client_credentials")) != "client_credentials":
        raise usage_error(
            f"{where}: sasl.oauthbearer.grant.type={grant} has no counterpart in Spark's Kafka client; use "
            "client_credentials, with sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret"
        )
    names = {"clientId": "client.id", "clientSecret": "client.secret"}
    options = {}
    for option, name in names.items():
        full = f"sasl.oauthbearer.{name}"
        given = found.pop(full, None) or found.pop(full.replace("client.", "client.credentials.client."), None)
        if given is None:
            raise usage_error(f"{where}: {full} is missing; sasl.oauthbearer.method=oidc needs it")
        options[option] = given
    if OIDC_ENDPOINT not in found:
        raise usage_error(f"{where}: {OIDC_ENDPOINT} is missing; sasl.oauthbearer.method=oidc needs it")
    if scope := found.pop("sasl.oauthbearer.scope", None):
        options["scope"] = scope
    for extension in filter(None, found.pop("sasl.oauthbearer.extensions", "").split(",")):
        name, _, value = extension.partition("=")
        options[f"extension_{name.strip()}"] = value.strip()
    authority = found.pop("https.ca.location", "probe")
    if authority != "probe":
        options |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": authority}
    java = {OIDC_ENDPOINT: found.pop(OIDC_ENDPOINT), "sasl.login.callback.handler.class": _OIDC_HANDLER}
    if claim := found.pop("sasl.oauthbearer.sub.claim.name", None):
        java["sasl.oauthbearer.sub.claim.name"] = claim
    return java | _jaas(OAUTH, options)


def _unsecured_token(config: str, where: str) -> dict[str, str]:
    """Options of the tokens that tests use: of any name, without a signature."""
    words = dict(word.partition("=")[::2] for word in config.split())
    options = {}
    for name, value in words.items():
        if name not in _UNSECURED and not name.startswith("extension_"):
            raise usage_error(
                f"{where}: '{name}' in sasl.oauthbearer.config has no counterpart in Spark's Kafka client; remove it"
            )
        if name.startswith("extension_"):
            options[f"unsecuredLoginExtension_{name.removeprefix('extension_')}"] = value
    claim = words.get("principalClaimName", "sub")
    options[f"unsecuredLoginStringClaim_{claim}"] = words.get("principal", "")
    options["unsecuredLoginPrincipalClaimName"] = claim
    options["unsecuredLoginLifetimeSeconds"] = words.get("lifeSeconds", "3600")
    return options


def _jaas(mechanism: str, options: Mapping[str, str]) -> dict[str, str]:
    words = "".join(f' {name}="{_quoted(value)}"' for name, value in options.items())
    return {"sasl.jaas.config": f"{_MODULES[mechanism]} required{words};"}


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _refuse_rest(found: Mapping[str, str], where: str, instead: str) -> None:
    for name in found:
        raise no_counterpart(where, name, instead)


def no_counterpart(where: str, name: str, instead: str) -> JobError:
    """The error about a setting that Java's client does not have."""
    return usage_error(
        f"{where}: '{name}' has no counterpart in Spark's Kafka client, which is written in Java; {instead}"
    )
