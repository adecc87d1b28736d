extension UInt8 {
    /// Whether it is one of `0` to `9`.
    @inlinable
    public var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    /// Whether it is one of `A` to `Z` or `a` to `z`.
    @inlinable
    public var isLetter: Bool { self | 0x20 >= 0x61 && self | 0x20 <= 0x7A }

    /// The value of the hexadecimal digit, in either case; nil for any other byte.
    @inlinable
    public var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }

    /// The lower-case hexadecimal digit of the byte's lower four bits.
    @inlinable
    public var hexadecimalDigit: UInt8 {
        let value = self & 15
        return value < 10 ? 0x30 + value : 0x61 + value - 10
    }
}
