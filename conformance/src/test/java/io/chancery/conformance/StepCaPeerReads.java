package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerRow.differs;
import static io.chancery.conformance.StepCaPeerRow.same;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Rows of the table that ask for what is published, and that ask in wrong ways. */
final class StepCaPeerReads {
    private static final String ALLOW = "`Allow` names HEAD beside GET, and stands in every 405.";
    private static final String SSH = "SSH is not built";
    private static final String ACME = "ACME is not built";
    private static final String FRAMING = "is refused with step-ca's status, in the form of every other error";
    private static final String ESCAPES = "Paths with doubled slashes or needless escapes are not found as such";
    private static final Set<String> ESCAPED = Set.of("/root/%30", "/root/a%2Fb", "/provisioners//encrypted-key");

    private final StepCaPeerPki pki;
    private final String cursor;
    private final String fingerprint;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    /** The cursor is that of a second page. */
    StepCaPeerReads(StepCaPeerPki pki, String fingerprint, String cursor) {
        this.pki = pki;
        this.cursor = cursor;
        this.fingerprint = fingerprint;
    }

    List<StepCaPeerRow> rows() {
        for (String prefix : List.of("", "/1.0")) {
            endpoints(prefix);
        }
        roots();
        provisioners();
        methods();
        paths();
        requestIds();
        framing();
        others();
        return rows;
    }

    private void get(String target) {
        rows.add(StepCaPeerRow.of(
                "GET " + target,
                ESCAPED.contains(target) ? Optional.of(ESCAPES) : Optional.empty(),
                StepCaPeerRequest.get(target)));
    }

    private void endpoints(String prefix) {
        for (String path : List.of(
                "/health",
                "/version",
                "/root/" + fingerprint,
                "/roots",
                "/roots.pem",
                "/intermediates",
                "/intermediates.pem",
                "/federation",
                "/provisioners",
                "/provisioners/" + pki.kid(StepCaPeerPki.PLAIN) + "/encrypted-key")) {
            get(prefix + path);
            rows.add(same("HEAD " + prefix + path, StepCaPeerRequest.of("HEAD", prefix + path)));
        }
    }

    private void roots() {
        get("/root/" + fingerprint.toUpperCase(Locale.ROOT));
        get("/root/" + fingerprint.replaceAll("(..)(?=.)", "$1-"));
        get("/root/" + fingerprint.replaceAll("(..)(?=.)", "$1:"));
        get("/root/" + fingerprint.substring(1));
        get("/root/00ff");
        get("/root/" + fingerprint + "/");
        get("/root/%30");
        get("/root/a%2Fb");
        get("/root/%22x");
        get("/root/%C3%A4");
        get("/root/<b>");
    }

    private void provisioners() {
        for (String query : List.of(
                "limit=1",
                "limit=2",
                "limit=0",
                "limit=-1",
                "limit=x",
                "limit=",
                "limit=1.5",
                "limit=0x10",
                "limit=%2B5",
                "limit=99999999999999999999",
                "limit=3&limit=5",
                "cursor=",
                "cursor=zzz",
                "cursor=1",
                "cursor=00000001",
                "LIMIT=1",
                "limit=1;cursor=2",
                "cursor=g&limit=x",
                "limit=%zz")) {
            get("/provisioners?" + query);
        }
        for (String limit : List.of("40", "41", "100", "1000")) {
            rows.add(differs(
                    "a page with provisioners that Chancery lists only, limit=" + limit,
                    "Provisioners of types that are not supported yet are listed with `state` and `stateReason`.",
                    StepCaPeerRequest.get("/provisioners?limit=" + limit)));
        }
        get("/provisioners?limit=3&cursor=" + cursor);
        get("/provisioners?limit=3&cursor=000" + cursor);
        get("/provisioners?cursor=" + "f".repeat(40)); // after the last
        get("/provisioners/none/encrypted-key");
        get("/provisioners/" + pki.kid(StepCaPeerPki.SHORT) + "/encrypted-key");
        get("/provisioners/" + StepCaPeerPki.SHARED_KID + "/encrypted-key");
        get("/provisioners/" + StepCaPeerPki.KID_THAT_REFUSES + "/encrypted-key");
        get("/provisioners//encrypted-key");
        get("/provisioners/" + pki.kid(StepCaPeerPki.PLAIN));
        get("/provisioners/a%2Fb/encrypted-key");
    }

    private void methods() {
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "FOO", "get")) {
            rows.add(differs(method + " /health", ALLOW, StepCaPeerRequest.of(method, "/health")));
        }
        for (String method : List.of("GET", "HEAD", "PUT", "OPTIONS", "DELETE")) {
            rows.add(same(method + " /sign", StepCaPeerRequest.of(method, "/sign")));
        }
        for (String target : List.of("/root/" + fingerprint, "/roots.pem", "/1.0/provisioners", "/version")) {
            rows.add(differs("OPTIONS " + target, ALLOW, StepCaPeerRequest.of("OPTIONS", target)));
            rows.add(differs("POST " + target, ALLOW, StepCaPeerRequest.of("POST", target)));
        }
        rows.add(same("POST to nowhere", StepCaPeerRequest.of("POST", "/nothing")));
    }

    private void paths() {
        for (String target : List.of(
                "/",
                "/nothing",
                "/health/",
                "//health",
                "/1.0",
                "/1.0/",
                "/1.0/1.0/health",
                "/root/",
                "/root",
                "/2.0/health",
                "/admin/provisioners",
                "/HEALTH",
                "/health?x=y",
                "/health?%zz",
                "/health%20",
                "/%68ealth",
                "/health%2F",
                "/./health",
                "/1.0/../health",
                "/sign/",
                "/roots.pem/",
                "/roots.PEM",
                "/provisioners/",
                "/health;x=1",
                "/%00",
                "/%FF",
                "/1.0//health")) {
            get(target);
        }
    }

    private void requestIds() {
        for (String header : List.of("X-Request-Id", "X-Smallstep-Id", "x-request-id")) {
            rows.add(same(header, StepCaPeerRequest.get("/health").with(header, "abc-123")));
        }
    }

    /** Where another server could see the end of the request, or its receiver, elsewhere. */
    private void framing() {
        String coding = "Transfer-Encoding";
        for (String value : List.of("xchunked", "identity", "gzip, chunked", "")) {
            rows.add(differs(
                    coding + ": " + value,
                    FRAMING,
                    StepCaPeerRequest.get("/health").with(coding, value)));
        }
        StepCaPeerRequest chunks = StepCaPeerRequest.post("/sign", "2\r\n{}\r\n0\r\n\r\n");
        rows.add(same(coding + ": chunked", chunks.with(coding, "chunked")));
        rows.add(same(coding + ": Chunked", chunks.with(coding, "Chunked")));
        rows.add(differs(
                coding + ": chunked, and a length",
                "A length beside `chunked` gets 400 too",
                chunks.with(coding, "chunked").with("Content-Length", "12")));
        for (String second : List.of("localhost", "other")) {
            rows.add(differs(
                    "Host: localhost and " + second,
                    FRAMING,
                    StepCaPeerRequest.get("/health").with("Host", second)));
        }
    }

    /** Of protocols that no provisioner or setting switches on. */
    private void others() {
        for (String target : List.of(
                "/scep/none?operation=GetCACaps",
                "/scep/none",
                "/1.0/scep/none",
                "/1.0/acme/acme/directory",
                "/ssh",
                "/ssh/",
                "/ssh/none",
                "/acme",
                "/admin/admins",
                "/metrics",
                "/debug/pprof/",
                "/ocsp",
                "/.well-known/est/cacerts")) {
            get(target);
        }
        for (String target : List.of(
                "/ssh/roots",
                "/1.0/ssh/roots",
                "/ssh/federation",
                "/ssh/hosts",
                "/ssh/get-hosts",
                "/ssh/bastion",
                "/ssh/sign")) {
            get(target);
        }
        for (String path : List.of("sign", "renew", "rekey", "revoke", "check-host", "bastion")) {
            rows.add(differs("POST /ssh/" + path, SSH, StepCaPeerRequest.post("/ssh/" + path, "{}")));
        }
        rows.add(differs("POST /sign-ssh", SSH, StepCaPeerRequest.post("/sign-ssh", "{}")));
        rows.add(same("POST /ssh/config", StepCaPeerRequest.post("/ssh/config", "{\"type\":\"user\"}")));
        rows.add(same(
                "POST /ssh/check-host of a host",
                StepCaPeerRequest.post("/ssh/check-host", "{\"type\":\"host\",\"principal\":\"h.example\"}")));
        rows.add(same(
                "POST /ssh/bastion of a host",
                StepCaPeerRequest.post("/ssh/bastion", "{\"user\":\"me\",\"hostname\":\"h.example\"}")));
        for (String target : List.of("/acme/acme/directory", "/2.0/acme/acme/directory", "/acme/none/directory")) {
            rows.add(differs("GET " + target, ACME, StepCaPeerRequest.get(target)));
        }
    }
}
