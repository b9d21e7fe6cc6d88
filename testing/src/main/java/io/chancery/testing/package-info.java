/** What the tests of several modules share. */
@NullMarked
package io.chancery.testing;

import org.jspecify.annotations.NullMarked;
