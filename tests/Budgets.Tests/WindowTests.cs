using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;

namespace Gateway.Budgets.Tests;

public sealed class WindowTests
{
    private static readonly string[] _zones =
    [
        "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/Havana", "Africa/Cairo", "Africa/Casablanca", "Asia/Kolkata", "Asia/Kathmandu",
        "Asia/Beirut", "Australia/Lord_Howe", "Atlantic/Azores", "Pacific/Apia", "Pacific/Kiritimati", "America/St_Johns", "Etc/GMT+5",
    ];

    private static readonly Gen<BudgetWindowEntry> _windows =
        from unit in Gen.Elements(BudgetWindow.Minute, BudgetWindow.Hour, BudgetWindow.Day, BudgetWindow.Week, BudgetWindow.Month, BudgetWindow.Year)
        from zone in Gen.Elements(_zones)
        from count in Gen.Frequency((2, Gen.Constant(1)), (1, Gen.Choose(1, Most(unit))))
        from day in Gen.Choose(1, unit switch { BudgetWindow.Week => 7, BudgetWindow.Month => 31, BudgetWindow.Year => 366, _ => 1 })
        select new BudgetWindowEntry { LimitNanoUsd = 1, Unit = unit, TimeZone = zone, Count = count, ResetDay = day };

    // 1950 to 2090, in seconds, and moments near clock changes of all the zones above.
    private static readonly Gen<long> _instants = Gen.Frequency(
        (3, from days in Gen.Choose(-7_300, 43_800) from seconds in Gen.Choose(0, 86_399) from micro in Gen.Choose(0, 999_999) select (((days * 86_400L) + seconds) * 1_000_000) + micro),
        (1, from change in Gen.Elements(Changes()) from offset in Gen.Choose(-5_400, 5_400) select change + (offset * 1_000_000L)));

    [Fact]
    public void Windows_tile_time_without_gap_or_overlap()
        => Prop.ForAll(Arb.From(_windows), Arb.From(_instants), static (window, instant) =>
        {
            var (start, end) = BudgetWindows.Around(window, instant);
            Assert.True(start <= instant && instant < end, $"{start} {instant} {end}");
            Assert.Equal((start, end), BudgetWindows.Around(window, start));
            Assert.Equal((start, end), BudgetWindows.Around(window, end - 1));
            Assert.Equal(end, BudgetWindows.Around(window, end).Start);
            Assert.Equal(start, BudgetWindows.Around(window, start - 1).End);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    [Fact]
    public void A_clock_says_what_the_windows_say_whatever_it_was_asked_before()
        => Prop.ForAll(Arb.From(_windows), Arb.From(Gen.ArrayOf(_instants)), static (window, instants) =>
        {
            var clock = new WindowClock(window);
            Assert.All(instants, i => Assert.Equal(BudgetWindows.Around(window, i), clock.Around(i)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void A_window_of_days_or_more_begins_when_the_wall_clock_first_shows_the_day()
        => Prop.ForAll(Arb.From(_windows.Where(static w => w.Unit is not (BudgetWindow.Minute or BudgetWindow.Hour))), Arb.From(_instants), static (window, instant) =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(window.TimeZone);
            var (start, _) = BudgetWindows.Around(window, instant);
            var before = Local(zone, start - 1);
            var first = Local(zone, start);
            var midnight = before.Date == first.Date ? first.Date : before.Date.AddDays(1);
            Assert.True(before < first.Date.AddDays(1) && (first.TimeOfDay == TimeSpan.Zero || before.AddMinutes(1) < first || first.Date == midnight), $"{before:o} {first:o}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void A_name_is_read_back_as_the_window_it_was_written_for()
        => Prop.ForAll(Arb.From(_windows), static window =>
        {
            var key = BudgetWindows.Key(window);
            Assert.DoesNotContain(' ', key);
            Assert.DoesNotContain(BudgetWindows.AccountSeparator, key);
            Assert.Equal(window with { LimitNanoUsd = 0 }, BudgetWindows.Parse(key));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Theory]
    [InlineData("month", BudgetWindow.Month, 1, false, "UTC", 1)]
    [InlineData("3d", BudgetWindow.Day, 3, false, "UTC", 1)]
    [InlineData("90min", BudgetWindow.Minute, 90, false, "UTC", 1)]
    [InlineData("rolling-30d", BudgetWindow.Day, 30, true, "UTC", 1)]
    [InlineData("rolling-hour", BudgetWindow.Hour, 1, true, "UTC", 1)]
    [InlineData("month@15~Europe/Berlin", BudgetWindow.Month, 1, false, "Europe/Berlin", 15)]
    [InlineData("3mo@31", BudgetWindow.Month, 3, false, "UTC", 31)]
    [InlineData("total", BudgetWindow.Total, 1, false, "UTC", 1)]
    public void Names_are_persisted_and_stay_as_they_are(string key, BudgetWindow unit, int count, bool rolling, string zone, int day)
    {
        var window = new BudgetWindowEntry { LimitNanoUsd = 0, Unit = unit, Count = count, Rolling = rolling, TimeZone = zone, ResetDay = day };
        Assert.Equal(key, BudgetWindows.Key(window));
        Assert.Equal(window, BudgetWindows.Parse(key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fortnight")]
    [InlineData("1d")]
    [InlineData("03d")]
    [InlineData("day@2")]
    [InlineData("month@1")]
    [InlineData("month@")]
    [InlineData("month~UTC")]
    [InlineData("month~Mars/Olympus")]
    [InlineData("month~../../etc/passwd")]
    [InlineData("rolling-total")]
    [InlineData("2total")]
    [InlineData("rolling-month@15")]
    [InlineData("400d")]
    [InlineData("99999999999d")]
    public void What_no_window_is_named_is_no_window(string key) => Assert.Null(BudgetWindows.Parse(key));

    [Theory]
    // Clocks go forward and back: days of 23 and 25 hours.
    [InlineData("day~Europe/Berlin", "2026-03-29T12:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z")]
    [InlineData("day~Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z")]
    // Midnight does not exist: the day begins when the clock jumps to one o'clock.
    [InlineData("day~America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z")]
    [InlineData("day~America/Sao_Paulo", "2018-11-04T02:59Z", "2018-11-03T03:00Z", "2018-11-04T03:00Z")]
    // Midnight is there twice: the day begins at the first.
    [InlineData("day~America/Havana", "2026-11-01T04:30Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z")]
    // The clock goes from midnight back to eleven: that hour belongs to the day before.
    [InlineData("day~America/Sao_Paulo", "2018-02-18T02:30Z", "2018-02-17T02:00Z", "2018-02-18T03:00Z")]
    // Samoa had no 30 December 2011.
    [InlineData("day~Pacific/Apia", "2011-12-30T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z")]
    [InlineData("day~Pacific/Apia", "2011-12-30T09:59Z", "2011-12-29T10:00Z", "2011-12-30T10:00Z")]
    // Hours are the zone's own where its offset is not whole, and do not stretch with daylight saving time.
    [InlineData("hour~Asia/Kolkata", "2026-01-01T00:00Z", "2025-12-31T23:30Z", "2026-01-01T00:30Z")]
    [InlineData("hour~Europe/Berlin", "2026-10-25T01:30Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z")]
    [InlineData("5h", "1970-01-01T05:00Z", "1970-01-01T05:00Z", "1970-01-01T10:00Z")]
    [InlineData("15min", "2026-01-01T10:44:59Z", "2026-01-01T10:30Z", "2026-01-01T10:45Z")]
    [InlineData("3d", "1970-01-03T23:59Z", "1970-01-01T00:00Z", "1970-01-04T00:00Z")]
    [InlineData("week", "2026-11-22T12:00Z", "2026-11-16T00:00Z", "2026-11-23T00:00Z")]
    [InlineData("week@7", "2026-11-22T12:00Z", "2026-11-22T00:00Z", "2026-11-29T00:00Z")]
    [InlineData("2w", "1970-01-12T00:00Z", "1970-01-12T00:00Z", "1970-01-26T00:00Z")]
    // The last day where a month is shorter.
    [InlineData("month@31", "2026-02-28T00:00Z", "2026-02-28T00:00Z", "2026-03-31T00:00Z")]
    [InlineData("month@31", "2028-02-28T23:00Z", "2028-01-31T00:00Z", "2028-02-29T00:00Z")]
    [InlineData("month@15~Europe/Berlin", "2026-04-14T21:59Z", "2026-03-14T23:00Z", "2026-04-14T22:00Z")]
    [InlineData("3mo", "2026-05-20T00:00Z", "2026-04-01T00:00Z", "2026-07-01T00:00Z")]
    [InlineData("3mo@15", "2026-04-10T00:00Z", "2026-01-15T00:00Z", "2026-04-15T00:00Z")]
    [InlineData("year", "2026-05-20T00:00Z", "2026-01-01T00:00Z", "2027-01-01T00:00Z")]
    [InlineData("year@366", "2027-12-31T00:00Z", "2027-12-31T00:00Z", "2028-12-31T00:00Z")]
    [InlineData("year@91~America/New_York", "2026-04-01T04:00Z", "2026-04-01T04:00Z", "2027-04-01T04:00Z")]
    public void Windows_begin_and_end_by_the_calendar(string key, string instant, string start, string end)
        => Assert.Equal((Micros(start), Micros(end)), BudgetWindows.Around(BudgetWindows.Parse(key)!, Micros(instant)));

    [Theory]
    [InlineData("total")]
    [InlineData("rolling-3d")]
    public void What_never_resets_or_rolls_is_one_window(string key)
    {
        Assert.Equal((0, long.MaxValue), BudgetWindows.Around(BudgetWindows.Parse(key)!, 1_700_000_000_000_000));
        Assert.Equal((0, long.MaxValue), new WindowClock(BudgetWindows.Parse(key)!).Around(1_700_000_000_000_000));
    }

    [Fact]
    public void A_part_of_a_rolling_window_counts_until_it_lies_outside_as_a_whole()
    {
        var window = BudgetWindows.Parse("rolling-hour")!;
        var length = BudgetWindows.PartLength(window);
        Assert.Equal(60_000_000, length);
        var instant = Micros("2026-01-01T10:00:30Z");
        var until = RollingWindows.CountsUntil(RollingWindows.PartOf(instant, length), length);
        Assert.Equal(Micros("2026-01-01T11:01:00Z"), until);
        Assert.Equal(0, BudgetWindows.PartLength(BudgetWindows.Parse("hour")!));
    }

    [Fact]
    public void Asking_a_clock_within_its_window_allocates_nothing()
    {
        var clock = new WindowClock(BudgetWindows.Parse("month@15~Europe/Berlin")!);
        var (start, end) = clock.Around(Micros("2026-04-14T21:59Z"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = start; i < end; i += 600_000_000)
        {
            clock.Around(i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_shorthand_is_the_first_window()
    {
        var budget = new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 5, Window = BudgetWindow.Day, Windows = [new() { LimitNanoUsd = 7 }] };
        Assert.Equal(["day", "month"], BudgetWindows.Of(budget).Select(BudgetWindows.Key));
        Assert.Equal("b#day", BudgetWindows.Account("b", BudgetWindows.Of(budget)[0]));
        Assert.Equal(("b", "day"), BudgetWindows.SplitAccount("b#day"));
        Assert.Null(BudgetWindows.SplitAccount("b"));
        Assert.Single(BudgetWindows.Of(budget with { LimitNanoUsd = null }));
    }

    private static int Most(BudgetWindow unit) => unit switch { BudgetWindow.Week => 52, BudgetWindow.Month => 12, BudgetWindow.Year => 1, _ => 366 };

    private static long Micros(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() * 1_000;

    private static DateTime Local(TimeZoneInfo zone, long micros) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.UnixEpoch.AddMicroseconds(micros), zone);

    private static long[] Changes()
    {
        var changes = new List<long>();
        foreach (var zone in _zones.Select(TimeZoneInfo.FindSystemTimeZoneById))
        {
            for (var (day, last) = (new DateTime(2005, 1, 1, 0, 0, 0, DateTimeKind.Utc), TimeSpan.Zero); day.Year < 2030; day = day.AddHours(1))
            {
                var offset = zone.GetUtcOffset(day);
                if (offset != last)
                {
                    changes.Add((long)(day - DateTime.UnixEpoch).TotalMicroseconds);
                    last = offset;
                }
            }
        }

        return [.. changes];
    }
}
