package io.chancery.gotemplate.syntax;

import java.util.Optional;

/** The functions that a template may call. */
public interface Names {
    boolean has(String function);

    /** Why a function that exists elsewhere is not to be had here. */
    Optional<String> refused(String function);
}
