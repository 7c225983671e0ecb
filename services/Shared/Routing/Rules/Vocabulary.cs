namespace Gateway.Routing.Rules;

/// <summary>The names an expression may use.</summary>
internal static class Vocabulary
{
    private static readonly Dictionary<string, Node> _facts = new(StringComparer.Ordinal)
    {
        ["key"] = new TextOf(static f => f.Text(TextFact.Key)),
        ["team"] = new TextOf(static f => f.Text(TextFact.Team)),
        ["model"] = new TextOf(static f => f.Text(TextFact.Model)),
        ["operation"] = new TextOf(static f => f.Text(TextFact.Operation)),
        ["user"] = new TextOf(static f => f.Text(TextFact.User)),
        ["tokens"] = new NumberOf(static f => f.Number(NumberFact.Tokens)),
        ["maxTokens"] = new NumberOf(static f => f.Number(NumberFact.MaxTokens)),
        ["budgetUsed"] = new NumberOf(static f => f.Number(NumberFact.BudgetUsed)),
        ["stream"] = new BoolOf(static f => f.Flag(FlagFact.Stream)),
        ["hour"] = new NumberOf(static f => f.Now.UtcDateTime.Hour),
        ["weekday"] = new NumberOf(static f => Weekday(f.Now.UtcDateTime)),
        ["true"] = new BoolOf(static _ => true),
        ["false"] = new BoolOf(static _ => false),
    };

    /// <summary>Everything that may stand where a value is expected, for messages.</summary>
    public const string Names = "key, team, model, operation, user, tokens, maxTokens, budgetUsed, stream, hour, weekday, true, false, header[\"…\"], metadata[\"…\"], attribute[\"…\"], hour(\"ZONE\"), weekday(\"ZONE\"), lower(…), length(…), number(…)";

    public static Node? Fact(string name) => _facts.GetValueOrDefault(name);

    /// <summary>A map of the request, or null when there is none of that name.</summary>
    public static Node? Member(string map, string name) => map switch
    {
        "header" => new TextOf(f => f.Header(name)),
        "metadata" => new TextOf(f => f.Metadata(name)),
        "attribute" => new TextOf(f => f.Attribute(name)),
        _ => null,
    };

    /// <summary>A call, or what is wrong with it.</summary>
    public static Node? Call(string name, Node argument, out string? wrong)
    {
        wrong = null;
        switch (name)
        {
            case "hour" or "weekday" when argument is TextConstant zone:
                if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone.Text, out var found))
                {
                    wrong = $"'{zone.Text}' is no time zone this machine knows; write one like \"Europe/Berlin\" or \"UTC\".";
                    return null;
                }

                return name == "hour"
                    ? new NumberOf(f => TimeZoneInfo.ConvertTime(f.Now, found).Hour)
                    : new NumberOf(f => Weekday(TimeZoneInfo.ConvertTime(f.Now, found).DateTime));
            case "lower" when argument is TextNode text:
                return new TextOf(f => text.Value(f).ToLowerInvariant());
            case "length" when argument is TextNode text:
                return new NumberOf(f => text.Value(f).Length);
            case "number" when argument is TextNode text:
                return new NumberOf(f => double.TryParse(text.Value(f), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : 0);
            case "hour" or "weekday":
                wrong = $"{name}(…) takes a time zone in quotes, for example {name}(\"Europe/Berlin\").";
                return null;
            case "lower" or "length" or "number":
                wrong = $"{name}(…) takes one text.";
                return null;
            default:
                wrong = $"There is no function '{name}'. Legal: hour, weekday, lower, length, number.";
                return null;
        }
    }

    // Monday is 1 and Sunday 7, as in ISO 8601.
    private static int Weekday(DateTime day) => day.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)day.DayOfWeek;
}
