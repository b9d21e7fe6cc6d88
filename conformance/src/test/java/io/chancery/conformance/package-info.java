/** Unmodified clients and faults, against Chancery as the real process that its users run. */
@NullMarked
package io.chancery.conformance;

import org.jspecify.annotations.NullMarked;
