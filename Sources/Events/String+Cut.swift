extension String {
    /// The beginning, for error texts: at most 64 scalars, since one letter may be thousands of bytes.
    package var cut: String { String(String.UnicodeScalarView(unicodeScalars.prefix(64))) }
}
