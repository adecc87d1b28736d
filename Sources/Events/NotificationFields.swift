public import JSON

/// Where a notification's fields are: flat in the event, or complete under `data`, as its interface document shows it.
///
/// The code that accepts a notification and the code that delivers it both ask here, so that both use the same id.
public struct NotificationFields {
    /// The object that holds the fields.
    public let object: JSONObject
    /// Whether that object is under `data`.
    public let isInner: Bool
    /// The given id: an integer that JavaScript holds exactly; nil where there is none.
    public let id: Int64?

    /// The fields of the event `outer`.
    public init(of outer: JSONObject) {
        let inner = outer["data"]?.object(JSONParser(maxBytes: EventLimits.maxEventBytes))
        // Complete under `data` where only `data` has the text fields.
        isInner = !NotificationWords.areIn(outer) && inner.map(NotificationWords.areIn) == true
        object = isInner ? inner ?? outer : outer
        id = [object, outer].lazy.compactMap { $0["id"].flatMap(Self.id) }.first
    }

    private static func id(_ value: JSONValue) -> Int64? {
        value.integer.flatMap { $0.magnitude <= maxInteger ? $0 : nil }
    }

    /// The largest integer that JavaScript holds exactly.
    package static let maxInteger: UInt64 = 9_007_199_254_740_991
}
