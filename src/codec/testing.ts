/** What Python's `lzma` and `bz2` make, in base64: xz and bzip2 of another origin than ours. @module */

/** What is compressed below. */
export const CONTENT = {
  empty: new Uint8Array(0),
  one: new TextEncoder().encode("one\n"),
  two: new TextEncoder().encode("two\n"),
  xs: new Uint8Array(70_000).fill(0x78),
  zeros2M: new Uint8Array(2 << 20),
  zeros4M: new Uint8Array(4 << 20),
  steps: Uint8Array.from({ length: 700_000 }, (_, index) => (index >> 4) & 0x1f),
} as const;

/** The names of the contents. */
export type Content = keyof typeof CONTENT;

/** Each content by `lzma.compress(content)`. */
export const XZ: Readonly<Record<Content, string>> = {
  empty: "/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo=",
  one: "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQADb25lCgD1XLtWH8b9hgABHARvLJzBH7bzfQEAAAAABFla",
  two: "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQADdHdvCgBlBtb/xMD5OgABHARvLJzBH7bzfQEAAAAABFla",
  xs: "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4RFvAE1dADxv+7/+o7Fe5fg/sqomVfhocEFwFQ+N/R5MG4pCtxn0aRhx" +
    "rmYjiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4mGKuSYAAAAAAFeAPm/jG6ZfAAFp8KIEAABAo/FE" +
    "scRn+wIAAAAABFla",
  zeros2M:
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj//8RAWxdAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFL" +
    "sX7JiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3llestk3haR1v" +
    "+0uIEGxCy4g/XACP0E6vJiiUcR89jyThcJ6nI1/sKMuF0ZWYin4qkfIndfcZwAaYTZj92K/VkA/EJVP49ZE2MQWl" +
    "sO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7gMsqbN+1" +
    "O/DEvS5fqg8+S2ZCkBMO/xCT+HF4WfgLzf+VKEYPqfx83vuaMC5WwI+F84OBwGXEJVP49ZE2MQWlsO5vwXBNRwzR" +
    "kRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7gMsqbN+1O/DEvEgn5liA" +
    "AO0ABQAcpiTxAAAAtlNaZoaR/h0AAZMDgICAAYbP71+xxGf7AgAAAAAEWVo=",
  zeros4M:
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj//8RAWxdAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFL" +
    "sX7JiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3llestk3haR1v" +
    "+0uIEGxCy4g/XACP0E6vJiiUcR89jyThcJ6nI1/sKMuF0ZWYin4qkfIndfcZwAaYTZj92K/VkA/EJVP49ZE2MQWl" +
    "sO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7gMsqbN+1" +
    "O/DEvS5fqg8+S2ZCkBMO/xCT+HF4WfgLzf+VKEYPqfx83vuaMC5WwI+F84OBwGXEJVP49ZE2MQWlsO5vwXBNRwzR" +
    "kRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7gMsqbN+1O/DEvEgn5lif" +
    "/xABKwDsc1On/b6ufDEan7eNMW5wnqcjX+woy4XRlZiKfiqR8id19xnABphNmP3Yr9WQD8QlU/j1kTYxBaWw7m/B" +
    "cE1HDNGREaqtYB26zrEnGFxZhulmUli+6XasWeTlWwUI+cfarfz7Uit0zR5bIEL53VM9+ClkCTuAyyps37U78MS9" +
    "Ll+qDz5LZkKQEw7/EJP4cXhZ+AvN/5UoRg+p/Hze+5owLlbAj4Xzg4HAZcQlU/j1kTYxBaWw7m/BcE1HDNGREaqt" +
    "YB26zrEnGFxZhulmUli+6XasWeTlWwUI+cfarfz7Uit0zR5bIEL53VM9+ClkCTuAyyps37U78MS9Ll+qDz5LZkKQ" +
    "Ew7/EJP4cXhZ+AvN/5UoRg+p/Hze+5owLlbAj4Xzg4HAZcQlUQ8/soAB3AAFAEHqpi0AAGtsRXzSCWHbAAHEBYCA" +
    "gALTUy1YscRn+wIAAAAABFla",
  steps:
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj6q5fANxdAABtPoZKqiillyUYJA7PDP9aNEEm0smOMOj8lKXBcWdC1+di" +
    "84Rpe0/Eb67swCecXr/Xo/bQWgSgHxX7iQFCOaPVgMrZrhCy4n4E5pQFQdxiB5ru6mEY4OsjNwHfst1FEEhH2rV9" +
    "D6mSTE/asEuDQDSdLZAKOm1+V8a9HaDTzbr2dehTiu7uxP9vDU9wLX7QJWwNj2DSg2lZpEwfR//+rQVhzT9YMKDm" +
    "y1xNG9RXc22m4cj+eSG1qDOPYoR9WlFiknRJXMRtspLnoMjOBwTun96lQsuIP1v62u0hAAAAn2D/fA2LJSUAAfgB" +
    "4NwqAF0nczqxxGf7AgAAAAAEWVo=",
};

/** Each content by `bz2.compress(content)`. */
export const BZ2: Readonly<Record<Content, string>> = {
  empty: "QlpoORdyRThQkAAAAAA=",
  one: "QlpoOTFBWSZTWXgTwIIAAAHBAAAQAgGgACGaaDNNDLxdyRThQkHgTwII",
  two: "QlpoOTFBWSZTWS63GtcAAAFBgAAQAACEgCAAIZpoM00HPF3JFOFCQLrca1w=",
  xs: "QlpoOTFBWSZTWYcX2n0AAIkAgIBBAAggADDMBSmmRDYoh4u5IpwoSEOL7T6A",
  zeros2M: "QlpoOTFBWSZTWX7hkbEAEBBgAMAAAAQACCAAMMwFKaYEA2IIB4u5IpwoSD9wyNiA",
  zeros4M: "QlpoOTFBWSZTWVYC4ogAICBIAMAAAAQACCAAMMwFKaYCAbECAeLuSKcKEgrAXFEA",
  steps:
    "QlpoOTFBWSZTWY+T8kkAAqvgAH/////AAtwHAgAxgAJgACYYwAEwABME1VUYmB6pgBGAFKVUYBtQf6qABNOQpJgg" +
    "DBST+CAMFJP6IAwUk5hAGCknOIAwUk6BAGVJJ0yAGVJJ1SAGVJJ1yAGVJJ2SAGVJJ2yAGVJJykAP2pJOrgUk4FJO" +
    "BSTgUk4FSWYSSwJJYEksCSWBJLAklsEksFEk/RJLaJJbhJLeJJcBJLiJJchJLmJJdBJLqJJdhJL+Ekv8SS7iSXgS" +
    "S8iSXoSS9iSW9KgNqSTZADKkk2QAypJNkAMqSTZADKkk2QAypJNkAMqSTZADKkk2QAypJNkAMqSTZADKkk2QAypJ" +
    "NkAMqSTZADKkk2QAypJNkAMqSTZADKkk2QAypJP2QAypJP+LuSKcKEhHyfkkgA==",
};

/** "oneoneoneoneoneoneoneoneone" with dictionaries of so many MB, made as `preset 0` with `dict_size`. */
export const DICTIONARIES: Readonly<Record<number, string>> = {
  1: "/Td6WFoAAATm1rRGAgAhARAAAACocI6G4AAaAAldADebiORsG4gAAAAAAACnZfcB9HzWCwABJRsgrBBCH7bzfQEA" +
    "AAAABFla",
  64: "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4AAaAAldADebiORsG4gAAAAAAACnZfcB9HzWCwABJRsgrBBCH7bzfQEA" +
    "AAAABFla",
  192: "/Td6WFoAAATm1rRGAgAhAR8AAAD+YO3e4AAaAAldADebiORsG4gAAAAAAACnZfcB9HzWCwABJRsgrBBCH7bzfQEA" +
    "AAAABFla",
  1024: "/Td6WFoAAATm1rRGAgAhASQAAABeH8f54AAaAAldADebiORsG4gAAAAAAACnZfcB9HzWCwABJRsgrBBCH7bzfQEA" +
    "AAAABFla",
};

/** The same text in the older format, `.lzma`. */
export const LZMA_ALONE = "XQAAgAD//////////wA3m4jkbCAL9v///eCQAA==";
