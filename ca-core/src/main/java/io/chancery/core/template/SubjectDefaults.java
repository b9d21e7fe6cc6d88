package io.chancery.core.template;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;

/**
 * What the subject of every new certificate has where token and template do not say: {@code authority.template} of ca.json
 * (wire contract s. 7.1). Immutable, any thread.
 *
 * @param values by the name of their member, none of them empty
 */
public record SubjectDefaults(Map<String, String> values) {
    /** The members that there may be. */
    public static final List<String> MEMBERS = List.of(
            "country",
            "organization",
            "organizationalUnit",
            "locality",
            "province",
            "streetAddress",
            "serialNumber",
            "commonName");

    /** Subjects stay as they are. */
    public static final SubjectDefaults NONE = new SubjectDefaults(Map.of());

    /** @throws IllegalArgumentException for a member that is not among {@link #MEMBERS}, or an empty text */
    public SubjectDefaults {
        values = Map.copyOf(values);
        if (!MEMBERS.containsAll(values.keySet())) {
            throw new IllegalArgumentException("members other than " + MEMBERS);
        }
        if (values.containsValue("")) {
            throw new IllegalArgumentException("an empty text, which is no default");
        }
    }

    /** The subject of step's default leaf. */
    public X500Name subject(String commonName) {
        Map<String, @Nullable Object> members = new TreeMap<>();
        members.put("commonName", commonName);
        return NameReader.read(new Members("", members), this);
    }

    /** The text for a member, or empty. */
    String of(String member) {
        return values.getOrDefault(member, "");
    }
}
