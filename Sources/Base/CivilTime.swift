/// A moment as year, month and day of the proleptic Gregorian calendar, UTC.
///
/// Own arithmetic: Foundation is too slow for an event's path. Years start in March, so that the leap day is the last
/// of its year; an era is the 400 years after which the calendar repeats.
public struct CivilTime: Equatable {
    /// Milliseconds of a day without leap seconds.
    public static let millisecondsPerDay: Int64 = 86_400_000
    /// The first and last millisecond that a four-digit year can write.
    public static let writable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    private static let daysPerEra = 146_097
    /// From 0000-03-01, where the first era begins, to 1970-01-01.
    private static let daysBeforeEpoch = 719_468

    /// The year, 0 for 1 BC.
    public var year: Int
    /// The month, from 1.
    public var month: Int
    /// The day of the month, from 1.
    public var day: Int

    /// A date from its parts; ``exists`` says whether it is valid.
    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date `days` after 1970-01-01.
    public init(daysSinceEpoch days: Int) {
        let shifted = days + Self.daysBeforeEpoch
        let era = (shifted >= 0 ? shifted : shifted - (Self.daysPerEra - 1)) / Self.daysPerEra
        let dayOfEra = shifted - era * Self.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // Months from March on have 31, 30, 31, 30, 31 days, repeatedly: 153 in five.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01.
    public var daysSinceEpoch: Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * Self.daysPerEra + dayOfEra - Self.daysBeforeEpoch
    }

    /// Whether the date is valid.
    public var exists: Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        return CivilTime(daysSinceEpoch: daysSinceEpoch) == self
    }
}
