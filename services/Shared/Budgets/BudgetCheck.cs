using System.Globalization;
using Gateway.Contracts.Configuration;

namespace Gateway.Budgets;

/// <summary>What must hold within one budget, wherever it is configured. Each problem names the field concerned and reads as a sentence about it.</summary>
public static class BudgetCheck
{
    private const int MostWindows = 10;
    private const int MostOverrides = 100;
    private const int MostPercents = 20;
    private const int MostPercent = 1_000;
    private const int MostChannels = 50;
    private const int MostText = 256;

    /// <summary>The problems of a budget; none when it can be put in force.</summary>
    public static IEnumerable<(string Field, string Message)> Problems(BudgetEntry budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        return [.. Windows(budget), .. Scope(budget.Scope), .. Overrides(budget.Overrides), .. Alerts(budget)];
    }

    /// <summary>The problems of one window.</summary>
    public static IEnumerable<(string Field, string Message)> WindowProblems(BudgetWindowEntry window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (!Enum.IsDefined(window.Unit))
        {
            yield return ("unit", $"must be one of {string.Join(", ", Enum.GetNames<BudgetWindow>())}.");
            yield break;
        }

        if (window.LimitNanoUsd is < 0 or > BudgetAmounts.Most)
        {
            yield return ("limitNanoUsd", Amount(0));
        }

        if (window.Count < 1 || window.Count > Units.Most(window.Unit))
        {
            yield return ("count", string.Create(CultureInfo.InvariantCulture, $"must be 1 to {Units.Most(window.Unit)} with the unit {window.Unit}."));
        }

        if (window.Rolling && window.Unit == BudgetWindow.Total)
        {
            yield return ("rolling", "must be false with the unit Total, which never ends.");
        }

        if (window.Rolling && window.ResetDay != 1)
        {
            yield return ("resetDay", "must not be set with rolling, which has no calendar.");
        }
        else if (window.ResetDay < 1 || window.ResetDay > Units.MostResetDay(window.Unit))
        {
            yield return ("resetDay", Units.MostResetDay(window.Unit) is var most and > 1
                ? string.Create(CultureInfo.InvariantCulture, $"must be 1 to {most} with the unit {window.Unit}.")
                : $"must not be set with the unit {window.Unit}: weeks, months and years have one.");
        }

        if (window.TimeZone != "UTC")
        {
            if (window.Rolling || window.Unit == BudgetWindow.Total)
            {
                yield return ("timeZone", "must not be set where there is no calendar: with rolling or the unit Total.");
            }
            else if (!IsZone(window.TimeZone))
            {
                yield return ("timeZone", $"'{Shown(window.TimeZone)}' is no IANA time zone that is known here. Legal is for example Europe/Berlin; the default is UTC.");
            }
        }
    }

    private static IEnumerable<(string Field, string Message)> Windows(BudgetEntry budget)
    {
        if (budget.LimitNanoUsd is null && budget.Windows.Count == 0)
        {
            yield return ("limitNanoUsd", "is required where there are no windows.");
        }

        if (budget.LimitNanoUsd is < 0 or > BudgetAmounts.Most)
        {
            yield return ("limitNanoUsd", Amount(0));
        }

        if (!Enum.IsDefined(budget.Window))
        {
            yield return ("window", $"must be one of {string.Join(", ", Enum.GetNames<BudgetWindow>())}.");
            yield break;
        }

        if (budget.Windows.Count > MostWindows)
        {
            yield return ("windows", $"must have at most {MostWindows} entries.");
            yield break;
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        if (budget.LimitNanoUsd is not null)
        {
            keys.Add(BudgetWindows.Key(new BudgetWindowEntry { LimitNanoUsd = 0, Unit = budget.Window }));
        }

        for (var i = 0; i < budget.Windows.Count; i++)
        {
            var problems = WindowProblems(budget.Windows[i]).ToList();
            foreach (var (field, message) in problems)
            {
                yield return ($"windows[{i}].{field}", message);
            }

            if (problems.Count == 0 && !keys.Add(BudgetWindows.Key(budget.Windows[i])))
            {
                yield return ($"windows[{i}]", "is there twice: one amount for each length, zone and reset day.");
            }
        }
    }

    private static IEnumerable<(string Field, string Message)> Scope(AccountScope? scope)
    {
        if (scope is null)
        {
            yield break;
        }

        foreach (var (field, text) in ((string, string?)[])
            [("customerId", scope.CustomerId), ("teamId", scope.TeamId), ("userId", scope.UserId), ("keyId", scope.KeyId), ("providerId", scope.ProviderId)])
        {
            if (text is not null && (text.Length is 0 or > 128 || text.Contains(' ', StringComparison.Ordinal)))
            {
                yield return ($"scope.{field}", "must be an id of 1 to 128 characters without spaces.");
            }
        }

        if (scope.Tag is { } tag && !IsTag(tag))
        {
            yield return ("scope.tag", "must be 1 to 64 letters, digits and _ - . : /");
        }

        if (scope.Model is { } model && (model.Length is 0 or > MostText || model.AsSpan(0, model.Length - 1).Contains('*')))
        {
            yield return ("scope.model", $"must be a model name of 1 to {MostText} characters; one '*' is allowed, at its end.");
        }
    }

    private static IEnumerable<(string Field, string Message)> Overrides(IReadOnlyList<BudgetOverride> overrides)
    {
        if (overrides.Count > MostOverrides)
        {
            yield return ("overrides", $"must have at most {MostOverrides} entries.");
            yield break;
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < overrides.Count; i++)
        {
            var given = overrides[i];
            if (given.Id.Length is 0 or > 128 || given.Id.Contains(' ', StringComparison.Ordinal))
            {
                yield return ($"overrides[{i}].id", "must be an id of 1 to 128 characters without spaces.");
            }
            else if (!ids.Add(given.Id))
            {
                yield return ($"overrides[{i}].id", $"'{Shown(given.Id)}' is there twice.");
            }

            if (given.NanoUsd is < 1 or > BudgetAmounts.Most)
            {
                yield return ($"overrides[{i}].nanoUsd", Amount(1));
            }

            if (given.Reason.Length > MostText)
            {
                yield return ($"overrides[{i}].reason", $"must have at most {MostText} characters.");
            }
        }
    }

    private static IEnumerable<(string Field, string Message)> Alerts(BudgetEntry budget)
    {
        var percents = budget.AlertPercents;
        if (percents.Count > MostPercents)
        {
            yield return ("alertPercents", $"must have at most {MostPercents} entries.");
        }

        for (var i = 0; i < Math.Min(percents.Count, MostPercents); i++)
        {
            if (percents[i] is < 1 or > MostPercent)
            {
                yield return ($"alertPercents[{i}]", string.Create(CultureInfo.InvariantCulture, $"must be 1 to {MostPercent} per cent."));
            }
            else if (i > 0 && percents[i] <= percents[i - 1])
            {
                yield return ($"alertPercents[{i}]", "must be above the one before: they ascend.");
            }
        }

        if (budget.AlertChannelIds.Count > MostChannels)
        {
            yield return ("alertChannelIds", $"must have at most {MostChannels} entries.");
        }

        if (budget.AlertChannelIds.Distinct(StringComparer.Ordinal).Count() < budget.AlertChannelIds.Count)
        {
            yield return ("alertChannelIds", "names a channel twice.");
        }
    }

    private static string Amount(long least) => string.Create(CultureInfo.InvariantCulture, $"must be {least} to {BudgetAmounts.Most} nano-US-dollars.");

    // The name goes into window keys, which records list with spaces in between, and on Linux it is a path below the zone files.
    private static bool IsZone(string name)
        => name.Length is > 0 and <= 64 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+') && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);

    private static bool IsTag(string tag)
        => tag.Length is > 0 and <= 64 && tag.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':' or '/');

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
