/// Header fields in order of arrival. Names compare without case (RFC 9110 5.1).
public struct Headers: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// One field line.
    public struct Field: Sendable, Equatable {
        /// The name as written.
        public var name: String
        /// The value without the white space around it.
        public var value: String
    }

    /// Every field line.
    public private(set) var fields: [Field] = []

    /// No fields.
    public init() {}

    /// `["Allow": "GET, HEAD"]`, in that order; a name may come twice.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// Adds a field line, also where the name has one already.
    public mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The first line of that name.
    public subscript(_ name: String) -> String? {
        fields.first { equalsIgnoringCase($0.name, name) }?.value
    }

    /// The value of every line of that name.
    public func lines(of name: String) -> [String] {
        fields.compactMap { equalsIgnoringCase($0.name, name) ? $0.value : nil }
    }

    /// The members of a comma-separated list, from all lines of that name together (RFC 9110 5.6.1: empty ones do not
    /// count). A comma inside a quoted string does not separate.
    public func values(of name: String) -> [String] {
        lines(of: name).flatMap { listMembers($0, separatedBy: ",") }
    }

    /// Whether the list `name` has `token` as a member, compared without case.
    public func has(_ token: String, in name: String) -> Bool {
        values(of: name).contains { equalsIgnoringCase($0, token) }
    }
}
