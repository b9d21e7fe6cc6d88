package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.signer.hsm.HsmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeySharesTest {
    private static KeyShares.Made made;

    @BeforeAll
    static void key() {
        made = KeyShares.make(KeyAlgorithm.EC_P384, KeyShares.Split.parse("3 of 5"), new SecureRandom());
    }

    private static List<String> shares(int... numbers) {
        return java.util.Arrays.stream(numbers)
                .mapToObj(number -> made.shares().get(number - 1))
                .toList();
    }

    @Test
    void any_three_of_five_give_the_key_back() {
        for (List<String> some : List.of(shares(1, 2, 3), shares(5, 3, 1), shares(2, 4, 5), shares(1, 2, 3, 4, 5))) {
            KeyShares.Restored restored = KeyShares.restore(made.backup(), some);
            assertThat(restored.key().getEncoded()).isEqualTo(made.key().getEncoded());
            assertThat(restored.publicKey()).isEqualTo(made.publicKey());
        }
    }

    @Test
    void two_do_not_nor_one_given_twice() {
        for (List<String> few : List.of(shares(1, 2), shares(1, 1, 2), List.<String>of())) {
            assertThatThrownBy(() -> KeyShares.restore(made.backup(), few))
                    .isInstanceOf(HsmException.class)
                    .hasMessageContaining("needs 3 of 5 shares");
        }
        // Nor when the backup is changed to ask for fewer: they do not make up the key that it is encrypted with.
        assertThatThrownBy(() ->
                        KeyShares.restore(made.backup().replace("shares: 3 of 5", "shares: 2 of 5"), shares(1, 2)))
                .hasMessageContaining("do not open this backup");
    }

    @Test
    void a_slip_of_the_pen_and_another_keys_share_are_named() {
        String share = made.shares().get(0);
        int at = share.indexOf("value: ") + 7;
        String slipped = share.substring(0, at) + (share.charAt(at) == '0' ? '1' : '0') + share.substring(at + 1);
        assertThatThrownBy(() -> KeyShares.restore(
                        made.backup(),
                        List.of(slipped, made.shares().get(1), made.shares().get(2))))
                .hasMessageContaining("share 1 is damaged");
        KeyShares.Made other = KeyShares.make(KeyAlgorithm.EC_P256, KeyShares.Split.parse("2of3"), new SecureRandom());
        assertThatThrownBy(() -> KeyShares.restore(made.backup(), other.shares()))
                .hasMessageContaining("another key's");
        assertThatThrownBy(() -> KeyShares.restore("something", made.shares())).hasMessageContaining("no backup");
    }

    @Test
    void neither_backup_nor_shares_hold_the_key_in_plain() {
        String plain = HexFormat.of().formatHex(made.key().getEncoded());
        String secretPart = plain.substring(plain.length() - 64);
        assertThat(made.backup()).doesNotContain(secretPart);
        assertThat(String.join("", made.shares()).replace(" ", "")).doesNotContain(secretPart);
    }

    @Test
    void a_split_that_gives_one_person_the_key_or_nobody_is_refused() {
        for (String wrong : List.of("1 of 3", "4 of 3", "2 of 21", "two of three", "2/3", "")) {
            assertThatThrownBy(() -> KeyShares.Split.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
