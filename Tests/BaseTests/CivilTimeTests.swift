import Base
import Testing

@Suite("CivilTime")
struct CivilTimeTests {
    @Test(
        "a date is so many days from 1970",
        arguments: [
            (1970, 1, 1, 0), (1969, 12, 31, -1), (2000, 2, 29, 11_016), (2000, 3, 1, 11_017), (2025, 12, 22, 20_444),
            (1900, 3, 1, -25_508), (0, 3, 1, -719_468), (9999, 12, 31, 2_932_896),
        ])
    func days(_ year: Int, _ month: Int, _ day: Int, _ days: Int) {
        let date = CivilTime(year: year, month: month, day: day)
        #expect(date.daysSinceEpoch == days && date.exists)
        #expect(CivilTime(daysSinceEpoch: days) == date)
    }

    @Test(
        "days that there are not",
        arguments: [
            (2025, 2, 29), (1900, 2, 29), (2024, 2, 30), (2025, 4, 31), (2025, 0, 1), (2025, 13, 1), (2025, 1, 0),
            (2025, 1, 32),
        ])
    func missing(_ year: Int, _ month: Int, _ day: Int) {
        #expect(!CivilTime(year: year, month: month, day: day).exists)
    }

    @Test("each day follows the one before it, over the 400 years after which the calendar repeats")
    func sequence() {
        var before = CivilTime(daysSinceEpoch: -1)
        for day in 0..<146_097 {
            let date = CivilTime(daysSinceEpoch: day)
            #expect(date.daysSinceEpoch == day && date.exists)
            let isNext = date.day == before.day + 1 && date.month == before.month || date.day == 1
            if !isNext { Issue.record("\(before) \(date)") }
            before = date
        }
    }
}
