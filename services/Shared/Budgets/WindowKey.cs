using System.Globalization;
using Gateway.Contracts.Configuration;

namespace Gateway.Budgets;

/// <summary>Names of windows: <c>[rolling-]unit[@resetDay][~zone]</c>. They are persisted in ledgers and journals: never change how one is written.</summary>
internal static class WindowKey
{
    private const string RollingPrefix = "rolling-";
    private const string Utc = "UTC";

    public static string Write(BudgetWindowEntry window)
    {
        ArgumentNullException.ThrowIfNull(window);
        var length = window.Count == 1 ? Units.Name(window.Unit) : string.Create(CultureInfo.InvariantCulture, $"{window.Count}{Units.Letters(window.Unit)}");
        if (window.Rolling)
        {
            return RollingPrefix + length;
        }

        var day = window.ResetDay == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"@{window.ResetDay}");
        return length + day + (window.TimeZone == Utc ? "" : "~" + window.TimeZone);
    }

    public static BudgetWindowEntry? Read(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var rest = key.AsSpan();
        var rolling = rest.StartsWith(RollingPrefix, StringComparison.Ordinal);
        rest = rolling ? rest[RollingPrefix.Length..] : rest;
        var tilde = rest.IndexOf('~');
        var zone = tilde < 0 ? Utc : rest[(tilde + 1)..].ToString();
        rest = tilde < 0 ? rest : rest[..tilde];
        var at = rest.IndexOf('@');
        var resetDay = 1;
        if (at >= 0)
        {
            if (!int.TryParse(rest[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out resetDay))
            {
                return null;
            }

            rest = rest[..at];
        }

        if (Length(rest) is not { } length)
        {
            return null;
        }

        var window = new BudgetWindowEntry { LimitNanoUsd = 0, Unit = length.Unit, Count = length.Count, Rolling = rolling, TimeZone = zone, ResetDay = resetDay };

        // Only what Write would have written: two spellings of one window would be two accounts.
        return BudgetCheck.WindowProblems(window).Any() || Write(window) != key ? null : window;
    }

    private static (BudgetWindow Unit, int Count)? Length(ReadOnlySpan<char> text)
    {
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        var count = 1;
        if (digits < 0 || (digits > 0 && !int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out count)))
        {
            return null;
        }

        foreach (var unit in Enum.GetValues<BudgetWindow>())
        {
            if (digits == 0 ? text.SequenceEqual(Units.Name(unit)) : unit != BudgetWindow.Total && text[digits..].SequenceEqual(Units.Letters(unit)))
            {
                return (unit, count);
            }
        }

        return null;
    }
}
