package io.chancery.cli.ceremony;

import io.chancery.cli.UsageException;
import java.util.Optional;

/** Asks somebody to confirm what is about to be done. */
interface Confirming {
    /**
     * The person's signature over the text, made with their own key and their key's default scheme; empty when they are
     * not here, and somebody else is to be asked.
     *
     * @throws UsageException when they do not confirm: the ceremony ends there
     */
    Optional<byte[]> confirm(CeremonyPlan.Person person, String text) throws UsageException;
}
