/// Whether both are the same bytes, in a time that depends only on their lengths (for secrets).
public func constantTimeEquals(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    let (left, right) = (Array(left), Array(right))
    guard left.count == right.count else { return false }
    return left.indices.reduce(UInt8(0)) { $0 | (left[$1] ^ right[$1]) } == 0
}
