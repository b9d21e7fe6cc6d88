package io.chancery.node.http;

/** The forms of a line in the request log, by step's names. */
public enum LogFormat {
    /** {@code key=value} pairs. */
    text,
    /** One JSON object a line. */
    json,
    /** Apache's common log format. */
    common
}
