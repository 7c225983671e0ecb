using System.Text.Json.Nodes;

namespace Gateway.Governance.Declarative;

/// <summary>Names of the edge's YAML file that a document may use for fields of the admin API.</summary>
internal static class ApplyNames
{
    private const decimal NanoUsd = 1_000_000_000m;

    private static readonly Dictionary<string, string> Fields = new(StringComparer.Ordinal)
    {
        ["team"] = "teamId",
        ["user"] = "userId",
        ["customer"] = "customerId",
        ["budgets"] = "budgetIds",
        ["provider"] = "providerId",
        ["credential"] = "credentialId",
    };

    private static readonly string[] WithAccounts = ["keys", "teams", "users", "customers"];
    private static readonly string[] WithProviders = ["credentials", "deployments"];

    /// <summary>The entry with the admin API's names.</summary>
    /// <param name="plural">The section.</param>
    /// <param name="entry">The entry as written.</param>
    /// <param name="wrong">Takes the field and what is wrong with it.</param>
    /// <param name="written">Takes pairs of the admin API's name and the one written.</param>
    public static JsonObject Translate(string plural, JsonObject entry, Action<string, string> wrong, Action<string, string> written)
    {
        var translated = new JsonObject();
        foreach (var (name, value) in entry)
        {
            var (field, node) = (name, value?.DeepClone());
            if (Fields.TryGetValue(name, out var known) && (name is "provider" or "credential" ? WithProviders : WithAccounts).Contains(plural))
            {
                field = known;
            }
            else if (plural == "budgets" && name == "limitUsd")
            {
                (field, node) = ("limitNanoUsd", Nano(value));
                if (node is null)
                {
                    wrong(name, "must be an amount in US dollars with at most nine decimals, for example 12.50.");
                    continue;
                }
            }

            if (field != name)
            {
                written(field, name);
            }

            if (!translated.TryAdd(field, node))
            {
                wrong(name, $"says the same as {field}: keep one of the two.");
            }
        }

        return translated;
    }

    private static JsonValue? Nano(JsonNode? usd)
    {
        if (usd is not JsonValue value || value.GetValueKind() != System.Text.Json.JsonValueKind.Number
            || !decimal.TryParse(value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var amount)
            || Math.Abs(amount) > 1_000_000_000m)
        {
            return null;
        }

        var nano = amount * NanoUsd;
        return nano == decimal.Truncate(nano) ? JsonValue.Create((long)nano) : null;
    }
}
