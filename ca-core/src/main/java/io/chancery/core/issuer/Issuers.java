package io.chancery.core.issuer;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Der;
import io.chancery.core.name.NameConstraints;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;

/**
 * The issuers of one configuration, and which of them signs what. Each has a name, a subject and a key of its own, so a
 * certificate's issuer field says whose it is. Immutable, safe for any thread; asks nobody but the predicate.
 */
public final class Issuers {
    private final List<Issuer> listed;
    private final Issuer standing;
    private final List<Issuer> all;
    private final Predicate<KeyId> answers;

    private Issuers(List<Issuer> listed, Issuer standing, Predicate<KeyId> answers) {
        this.listed = List.copyOf(listed);
        this.standing = standing;
        this.all = listed.contains(standing)
                ? this.listed
                : Stream.concat(listed.stream(), Stream.of(standing)).toList();
        this.answers = answers;
    }

    /**
     * @param listed those with a rule of their own, the first that fits signs
     * @param standing signs what no other does; may be one of those
     * @param answers whether a signer with the key is there at this moment; does not wait
     * @throws IllegalArgumentException when two of them have the same name, subject or key
     */
    public static Issuers of(List<Issuer> listed, Issuer standing, Predicate<KeyId> answers) {
        Issuers issuers = new Issuers(listed, standing, answers);
        issuers.checkDistinct();
        return issuers;
    }

    /** Of a CA with one issuer. */
    public static Issuers only(IssuerCertificate issuer, NameConstraints constraints) {
        Issuer one = new Issuer(
                "ca.json",
                issuer,
                List.of(issuer.certificate()),
                constraints,
                Optional.empty(),
                Optional.of(IssuingRule.ALL));
        return new Issuers(List.of(), one, key -> true);
    }

    private void checkDistinct() {
        Set<String> names = new HashSet<>();
        Set<X500Name> subjects = new HashSet<>();
        Set<KeyId> keys = new HashSet<>();
        for (Issuer each : all) {
            if (!names.add(each.name())) {
                throw new IllegalArgumentException("two issuers are called " + each.name());
            }
            if (!subjects.add(each.certificate().subject())) {
                throw new IllegalArgumentException("issuer " + each.name() + " has the subject of another one ("
                        + each.certificate().certificate().getSubjectX500Principal()
                        + "): chains and lists are found by it, so give its certificate a name of its own");
            }
            if (!keys.add(each.keyId())) {
                throw new IllegalArgumentException(
                        "issuer " + each.name() + " has the key of another one; make a key for it");
            }
        }
    }

    /** Every one: those with a rule of their own first. */
    public List<Issuer> all() {
        return all;
    }

    /** The one that signs what no other does. */
    public Issuer standing() {
        return standing;
    }

    /**
     * Whose key signs: the first whose rule fits. While no signer answers for it, another one signs that is for the same
     * kind of certificates; so nodes may learn of a new issuer one after the other. Where none is, it stays with the first.
     *
     * @param provisioner its name; empty when none is known
     */
    public Issuer choose(String provisioner, SubjectPublicKeyInfo key, Instant now) {
        return choose(now, rule -> rule.covers(provisioner, key, now));
    }

    /** Whose key signs what is not for a provisioner or a kind of key that has one of its own. */
    public Issuer issuing(Instant now) {
        return choose(now, rule -> rule.sameKindAs(IssuingRule.ALL) && rule.hasBegun(now));
    }

    /** Whose key signs the server's own certificate. */
    public Issuer ofServer(Instant now) {
        return choose(now, rule -> rule.coversServer() && rule.hasBegun(now));
    }

    private Issuer choose(Instant now, Predicate<IssuingRule> fits) {
        List<Issuer> fitting = listed.stream()
                .filter(each -> each.rule().filter(fits).isPresent())
                .toList();
        if (fitting.isEmpty()) {
            return standing;
        }
        Issuer first = fitting.get(0);
        IssuingRule kind = first.rule().orElse(IssuingRule.ALL);
        Stream<Issuer> alike = fitting.stream()
                .filter(each -> each.rule().filter(kind::sameKindAs).isPresent());
        Stream<Issuer> last = IssuingRule.ALL.sameKindAs(kind) ? Stream.of(standing) : Stream.empty();
        return Stream.concat(alike, last)
                .filter(each -> each.isValidAt(now) && answers(each))
                .findFirst()
                .orElse(first);
    }

    /** Whether one of them is for this provisioner and not for all, with any kind of key and from any moment on. */
    public boolean isKeptFor(String provisioner) {
        return listed.stream()
                .flatMap(each -> each.rule().stream())
                .anyMatch(rule -> rule.provisioners().contains(provisioner));
    }

    /** Whether a signer has its key at this moment. */
    public boolean answers(Issuer issuer) {
        return answers.test(issuer.keyId());
    }

    /** Every certificate but roots that a client may meet, without repetition, those of the given issuer first. */
    public List<X509Certificate> published(Issuer first) {
        return Stream.concat(Stream.of(first), all.stream())
                .flatMap(each -> each.chain().stream())
                .distinct()
                .toList();
    }

    public Optional<Issuer> named(String name) {
        return all.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    /**
     * Whose list is had at a path that bears no issuer's name: of the one whose certificates say so, else of the standing one.
     *
     * @param path of this server, without the prefix of its API
     */
    public Issuer listedAt(String path) {
        return all.stream().filter(each -> each.isListedAt(path)).findFirst().orElse(standing);
    }

    public Optional<Issuer> withKey(KeyId key) {
        return all.stream().filter(each -> each.keyId().equals(key)).findFirst();
    }

    /** Who signed a certificate; empty when it is none of these. Looks at the name, not at the signature. */
    public Optional<Issuer> of(Der certificate) {
        return withSubject(Certificate.getInstance(certificate.bytes()).getIssuer());
    }

    /** Who is to sign what was recorded; empty when it is none of these. */
    public Optional<Issuer> ofRecorded(Der tbs) {
        return withSubject(TBSCertificate.getInstance(tbs.bytes()).getIssuer());
    }

    /** Whose certificates have this name as their issuer; empty when it is none of these. */
    public Optional<Issuer> withSubject(X500Name subject) {
        byte[] wanted = encoded(subject);
        return all.stream()
                .filter(each -> Arrays.equals(
                        wanted,
                        each.certificate()
                                .certificate()
                                .getSubjectX500Principal()
                                .getEncoded()))
                .findFirst();
    }

    private static byte[] encoded(X500Name name) {
        try {
            return name.getEncoded(org.bouncycastle.asn1.ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalArgumentException("a name that cannot be encoded", e);
        }
    }
}
