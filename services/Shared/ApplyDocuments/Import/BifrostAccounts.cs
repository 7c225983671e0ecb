using System.Text.Json.Nodes;

namespace Gateway.ApplyDocuments.Import;

/// <summary>The governance part of Bifrost's file.</summary>
internal static class BifrostAccounts
{
    private const string Place = "governance";

    public static void Read(ImportDraft draft, JsonObject governance)
    {
        var limits = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        Each(governance, "budgets", (budget, path) => Budget(draft, budget, path));
        Each(governance, "rate_limits", (limit, path) => limits[ImportDraft.Text(limit["id"]) ?? ""] = Limits(draft, limit, path));
        Each(governance, "customers", (customer, path) => draft.Section("customers")[ImportDraft.Id(ImportDraft.Text(customer["id"]) ?? "")] = Account(draft, customer, path, limits));
        Each(governance, "teams", (team, path) => draft.Section("teams")[ImportDraft.Id(ImportDraft.Text(team["id"]) ?? "")] = Account(draft, team, path, limits));
        Each(governance, "virtual_keys", (key, path) => Key(draft, key, path, limits));
        draft.Rest(governance, Place, "budgets", "rate_limits", "customers", "teams", "virtual_keys");
    }

    private static void Budget(ImportDraft draft, JsonObject budget, string path)
    {
        var id = ImportDraft.Id(ImportDraft.Text(budget["id"]) ?? "");
        var duration = ImportDraft.Text(budget["reset_duration"]) ?? "1M";
        if (Window(duration) is not { } window)
        {
            draft.Note(path, $"is left out: a budget cannot be reset every '{duration}' here.");
            return;
        }

        draft.Section("budgets")[id] = new JsonObject
        {
            ["name"] = id,
            ["windows"] = new JsonArray(new JsonObject
            {
                ["limitNanoUsd"] = (long)((ImportDraft.Number(budget["max_limit"]) ?? 0) * 1_000_000_000m),
                ["unit"] = window.Unit,
                ["count"] = window.Count,
            }),
        };
        draft.Rest(budget, path, "id", "max_limit", "reset_duration");
    }

    private static JsonObject Limits(ImportDraft draft, JsonObject limit, string path)
    {
        var limits = new JsonObject();
        Add("request_max_limit", "request_reset_duration", "requestsPerMinute");
        Add("token_max_limit", "token_reset_duration", "tokensPerMinute");
        draft.Rest(limit, path, "id", "request_max_limit", "request_reset_duration", "token_max_limit", "token_reset_duration");
        return limits;

        void Add(string most, string every, string field)
        {
            if (ImportDraft.Number(limit[most]) is not { } amount)
            {
                return;
            }

            var minutes = ImportDraft.Text(limit[every]) is { } duration && Window(duration) is { } window
                ? window.Count * window.Unit switch { "Minute" => 1m, "Hour" => 60m, "Day" => 1440m, "Week" => 10080m, "Month" => 43200m, _ => 525600m }
                : 1m;
            if (minutes != 1)
            {
                draft.Note($"{path}.{most}", "is spread evenly over minutes here.");
            }

            limits[field] = (long)Math.Max(1, Math.Floor(amount / minutes));
        }
    }

    private static JsonObject Account(ImportDraft draft, JsonObject given, string path, Dictionary<string, JsonObject> limits)
    {
        var account = new JsonObject { ["name"] = ImportDraft.Text(given["name"]) ?? ImportDraft.Text(given["id"]) ?? "unnamed" };
        Owner("customer_id", "customer");
        Owner("team_id", "team");
        if (ImportDraft.Text(given["budget_id"]) is { Length: > 0 } budget)
        {
            account["budgets"] = new JsonArray(ImportDraft.Id(budget));
        }

        if (ImportDraft.Text(given["rate_limit_id"]) is { Length: > 0 } limit)
        {
            if (limits.TryGetValue(limit, out var found))
            {
                account["limits"] = found.DeepClone();
            }
            else
            {
                draft.Note($"{path}.rate_limit_id", $"is left out: there is no rate limit '{limit}' in the file.");
            }
        }

        return account;

        void Owner(string field, string name)
        {
            if (ImportDraft.Text(given[field]) is { Length: > 0 } owner)
            {
                account[name] = ImportDraft.Id(owner);
            }
        }
    }

    private static void Key(ImportDraft draft, JsonObject given, string path, Dictionary<string, JsonObject> limits)
    {
        var key = Account(draft, given, path, limits);
        if (given["is_active"] is JsonValue active && active.TryGetValue<bool>(out var isActive))
        {
            key["enabled"] = isActive;
        }

        var models = new JsonArray();
        var configs = given["provider_configs"] as JsonArray ?? [];
        for (var i = 0; i < configs.Count; i++)
        {
            var config = configs[i] as JsonObject ?? [];
            var provider = ImportDraft.Text(config["provider"]) ?? "";
            foreach (var model in (config["allowed_models"] as JsonArray ?? ["*"]).Select(ImportDraft.Text))
            {
                models.Add($"{provider}/{model}");
            }

            draft.Rest(config, $"{path}.provider_configs[{i}]", "provider", "allowed_models");
        }

        if (models.Count > 0)
        {
            key["allowedModels"] = models;
        }

        if (given.ContainsKey("value"))
        {
            draft.Note($"{path}.value", "is not carried over: a new key is made, and shown once when the document is applied.");
        }

        draft.Add("keys", ImportDraft.Id(ImportDraft.Text(given["id"]) ?? ImportDraft.Text(given["name"]) ?? "key"), key);
        draft.Rest(given, path, "id", "name", "value", "is_active", "team_id", "customer_id", "budget_id", "rate_limit_id", "provider_configs", "description");
    }

    private static (string Unit, int Count)? Window(string duration)
        => duration.Length > 1 && int.TryParse(duration[..^1], out var count) && count is > 0 and <= 366
            ? duration[^1] switch { 'm' => ("Minute", count), 'h' => ("Hour", count), 'd' => ("Day", count), 'w' => ("Week", count), 'M' => ("Month", count), 'Y' => ("Year", count), _ => null }
            : null;

    private static void Each(JsonObject holder, string name, Action<JsonObject, string> read)
    {
        var list = holder[name] as JsonArray ?? [];
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is JsonObject entry)
            {
                read(entry, $"{Place}.{name}[{i}]");
            }
        }
    }
}
