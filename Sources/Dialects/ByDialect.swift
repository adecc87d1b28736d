import Events

/// One value for each dialect.
@frozen
public struct ByDialect<Value> {
    @usableFromInline var values: [Value]

    /// The same value for each.
    @inlinable
    public init(repeating value: Value) {
        values = Array(repeating: value, count: DialectName.allCases.count)
    }

    /// A dialect's value. The dialects are numbered from 0 without a gap.
    @inlinable
    public subscript(name: DialectName) -> Value {
        get { values[Int(name.number)] }
        set { values[Int(name.number)] = newValue }
    }
}

extension ByDialect: Sendable where Value: Sendable {}
extension ByDialect: Equatable where Value: Equatable {}
