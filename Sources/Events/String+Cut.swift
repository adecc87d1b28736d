extension String {
    /// The beginning, to be given back in words: at most 64 scalars, since one letter may be thousands of bytes.
    package var cut: String { String(String.UnicodeScalarView(unicodeScalars.prefix(64))) }
}
