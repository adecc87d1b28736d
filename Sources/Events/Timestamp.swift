import Base
public import JSON

/// Times on the wire: ISO 8601 in UTC, or integer milliseconds since the epoch.
public enum Timestamp {
    /// The time in an event's `timestamp`; nil when it is in neither form.
    public static func milliseconds(_ value: JSONValue) -> Int64? {
        let milliseconds: Int64? =
            switch value.kind {
            case .number: value.integer
            case .string: ISO8601.milliseconds(value.raw.dropFirst().dropLast())
            default: nil
            }
        return milliseconds.flatMap { CivilTime.writable.contains($0) ? $0 : nil }
    }

    /// `2025-12-22T08:46:27.500Z`; times outside the years 0 to 9999 are moved to the nearest inside.
    public static func text(_ milliseconds: Int64) -> String {
        String(decoding: ISO8601.bytes(milliseconds), as: UTF8.self)
    }

    /// `2025-12-22T08:46:27Z`
    public static func secondsText(_ milliseconds: Int64) -> String {
        String(decoding: ISO8601.seconds(milliseconds), as: UTF8.self)
    }
}

/// Reads and writes the profile of ISO 8601 that programs use.
package enum ISO8601 {
    /// The 24 bytes `2025-12-22T08:46:27.500Z`.
    package static func bytes(_ milliseconds: Int64) -> [UInt8] {
        let time = min(max(milliseconds, CivilTime.writable.lowerBound), CivilTime.writable.upperBound)
        let perDay = CivilTime.millisecondsPerDay
        let days = time >= 0 ? time / perDay : (time - (perDay - 1)) / perDay
        let inDay = Int(time - days * perDay)
        let date = CivilTime(daysSinceEpoch: Int(days))
        return [UInt8](unsafeUninitializedCapacity: 24) { buffer, count in
            put(date.year, digits: 4, before: UInt8(ascii: "-"), at: 0, of: buffer)
            put(date.month, digits: 2, before: UInt8(ascii: "-"), at: 5, of: buffer)
            put(date.day, digits: 2, before: UInt8(ascii: "T"), at: 8, of: buffer)
            put(inDay / 3_600_000, digits: 2, before: UInt8(ascii: ":"), at: 11, of: buffer)
            put(inDay / 60_000 % 60, digits: 2, before: UInt8(ascii: ":"), at: 14, of: buffer)
            put(inDay / 1000 % 60, digits: 2, before: UInt8(ascii: "."), at: 17, of: buffer)
            put(inDay % 1000, digits: 3, before: UInt8(ascii: "Z"), at: 20, of: buffer)
            count = 24
        }
    }

    /// The 20 bytes `2025-12-22T08:46:27Z`.
    package static func seconds(_ milliseconds: Int64) -> [UInt8] {
        bytes(milliseconds).prefix(19) + [UInt8(ascii: "Z")]
    }

    private static func put(
        _ value: Int, digits: Int, before separator: UInt8, at offset: Int, of buffer: UnsafeMutableBufferPointer<UInt8>
    ) {
        var value = value
        for place in (offset..<offset + digits).reversed() {
            buffer[place] = UInt8(ascii: "0") + UInt8(value % 10)
            value /= 10
        }
        buffer[offset + digits] = separator
    }

    /// The time in `text`: `YYYY-MM-DDTHH:MM:SS`, then any fraction of a second, then `Z` or an offset. Without a zone
    /// it is UTC (Python's `isoformat()` of a naive time); a space may replace the `T` (RFC 3339 section 5.6).
    package static func milliseconds(_ text: ArraySlice<UInt8>) -> Int64? {
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(digits: 2), hour < 24, reader.skip(":"),
            let minute = reader.number(digits: 2), minute < 60, reader.skip(":"),
            // 60 is a leap second, which counts as the next minute's first.
            let second = reader.number(digits: 2), second <= 60,
            let fraction = reader.fraction(),
            let offset = reader.offsetMinutes(), reader.isAtEnd
        else { return nil }
        let date = CivilTime(year: year, month: month, day: day)
        guard date.exists else { return nil }
        let minutes = (date.daysSinceEpoch * 24 + hour) * 60 + minute - offset
        return Int64(minutes) * 60_000 + Int64(second * 1000 + fraction)
    }
}

/// Reads fixed numbers of digits and single letters from the start of a text.
private struct DigitReader {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) { rest = text }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ letter: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: letter) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digit() -> Int? {
        guard let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        rest.removeFirst()
        return Int(byte - UInt8(ascii: "0"))
    }

    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The milliseconds after a dot (further digits are cut off); 0 when there is none, nil when no digit follows it.
    mutating func fraction() -> Int? {
        guard skip(".") || skip(",") else { return 0 }
        guard var value = digit() else { return nil }
        value *= 100
        var weight = 10
        while let digit = digit() {
            value += digit * weight
            weight /= 10
        }
        return value
    }

    /// The minutes that the zone is ahead of UTC.
    mutating func offsetMinutes() -> Int? {
        if isAtEnd || skip("Z") || skip("z") { return 0 }
        let isBehind = rest.first == UInt8(ascii: "-")
        guard skip("+") || skip("-"), let hours = number(digits: 2), hours < 24 else { return nil }
        _ = skip(":")
        guard let minutes = isAtEnd ? 0 : number(digits: 2), minutes < 60 else { return nil }
        return (isBehind ? -1 : 1) * (hours * 60 + minutes)
    }
}
