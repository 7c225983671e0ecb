using System.Text.Json.Nodes;

namespace Gateway.ApplyDocuments.Import;

/// <summary>Reads a LiteLLM proxy's <c>config.yaml</c>: models, credentials, routing, fallbacks and aliases.</summary>
public static class LiteLlmImport
{
    private const string Reference = "os.environ/";
    private const decimal NanoUsdPerMillion = 1_000_000m * 1_000_000_000m;

    /// <summary>Carries over what can be.</summary>
    public static ImportResult Read(JsonObject file)
    {
        var draft = new ImportDraft();
        var router = file["router_settings"] as JsonObject;
        var settings = file["litellm_settings"] as JsonObject;
        var general = file["general_settings"] as JsonObject;
        var models = file["model_list"] as JsonArray ?? [];
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < models.Count; i++)
        {
            Model(draft, models[i] as JsonObject ?? [], $"model_list[{i}]", known);
        }

        Routing(draft, router, settings);
        draft.Rest(
            settings, "litellm_settings", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "num_retries");
        draft.Rest(
            router, "router_settings", "routing_strategy", "model_group_alias", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "num_retries");
        foreach (var name in general?.Select(m => m.Key) ?? [])
        {
            draft.Note($"general_settings.{name}", name switch
            {
                "master_key" => "is not carried over: the gateway makes an admin key of its own at its first start (admin.key).",
                "database_url" => "is not carried over: keys, teams and budgets in that database are not in the file. Make them here.",
                _ => "has no counterpart here.",
            });
        }

        draft.Rest(file, "$", "model_list", "router_settings", "litellm_settings", "general_settings");
        return draft.Result();
    }

    private static void Model(ImportDraft draft, JsonObject model, string path, Dictionary<string, string> known)
    {
        var given = model["litellm_params"] as JsonObject ?? [];
        if (ImportDraft.Text(model["model_name"]) is not { Length: > 0 } name || ImportDraft.Text(given["model"]) is not { Length: > 0 } full)
        {
            draft.Note(path, "is left out: it has no model_name or no litellm_params.model.");
            return;
        }

        var slash = full.IndexOf('/', StringComparison.Ordinal);
        var providerName = ImportDraft.Text(given["custom_llm_provider"]) ?? (slash > 0 ? full[..slash] : "openai");
        var modelName = slash > 0 ? full[(slash + 1)..] : full;
        var address = ImportDraft.Text(given["api_base"]) is { } told ? draft.Address(told, $"{path}.litellm_params.api_base") : null;
        if (ImportedProviders.Find(providerName, address) is not { } found)
        {
            draft.Note(path, $"is left out: the provider '{providerName}' is not known here, and no api_base is given.");
            return;
        }

        var provider = Provider(draft, given, found, known);
        var deployment = new JsonObject { ["provider"] = provider, ["model"] = modelName };
        if (Credential(draft, given, provider, $"{path}.litellm_params", known) is { } credential)
        {
            deployment["credential"] = credential;
        }

        Price(model["model_info"] as JsonObject, given, deployment);
        var id = draft.Add("deployments", $"{provider}/{modelName}", deployment);
        var routes = draft.Section("routes");
        if (routes[name] is not JsonObject route)
        {
            routes[name] = route = new JsonObject { ["targets"] = new JsonArray() };
        }

        var target = new JsonObject { ["deploymentId"] = id };
        if (ImportDraft.Number(given["weight"]) is { } weight)
        {
            target["weight"] = (int)Math.Clamp(weight >= 1 ? weight : weight * 100, 0, 1000);
        }

        route["targets"]!.AsArray().Add(target);
        foreach (var limit in (string[])["rpm", "tpm", "max_parallel_requests"])
        {
            if (given.ContainsKey(limit))
            {
                draft.Note($"{path}.litellm_params.{limit}", "limits one deployment there; set a rate limit of the model or provider here.");
            }
        }

        draft.Rest(
            given, $"{path}.litellm_params", "model", "api_base", "api_key", "api_version", "custom_llm_provider", "weight", "rpm", "tpm", "max_parallel_requests", "aws_region_name",
            "aws_access_key_id", "aws_secret_access_key", "vertex_project", "vertex_location", "input_cost_per_token", "output_cost_per_token");
        draft.Rest(model["model_info"] as JsonObject, $"{path}.model_info", "id", "mode", "input_cost_per_token", "output_cost_per_token");
        draft.Rest(model, path, "model_name", "litellm_params", "model_info");
    }

    private static string Provider(ImportDraft draft, JsonObject given, (string Id, string Kind, string? Address) found, Dictionary<string, string> known)
    {
        var entry = new JsonObject { ["kind"] = found.Kind };
        Set("baseUrl", found.Address);
        Set("apiVersion", ImportDraft.Text(given["api_version"]));
        Set("region", ImportDraft.Text(given["aws_region_name"]) ?? ImportDraft.Text(given["vertex_location"]));
        Set("project", ImportDraft.Text(given["vertex_project"]));
        return known.Once($"provider {found.Id} {entry.ToJsonString()}", () => draft.Add("providers", found.Id, entry));

        void Set(string field, string? value)
        {
            if (value is not null)
            {
                entry[field] = value.StartsWith(Reference, StringComparison.Ordinal) ? $"${{{value[Reference.Length..]}}}" : value;
            }
        }
    }

    private static string? Credential(ImportDraft draft, JsonObject given, string provider, string path, Dictionary<string, string> known)
    {
        var entry = new JsonObject { ["provider"] = provider };
        if (ImportDraft.Text(given["api_key"]) is { } key)
        {
            entry["secret"] = draft.Secret(key, $"{path}.api_key", Reference);
        }
        else if (ImportDraft.Text(given["aws_access_key_id"]) is { } access && ImportDraft.Text(given["aws_secret_access_key"]) is { } secret)
        {
            entry["type"] = "aws";
            entry["secret"] = draft.Secret(secret, $"{path}.aws_secret_access_key", Reference);
            entry["aws"] = new JsonObject { ["accessKeyId"] = draft.Secret(access, $"{path}.aws_access_key_id", Reference) };
        }
        else
        {
            return null;
        }

        return known.Once($"credential {entry.ToJsonString()}", () => draft.Add("credentials", $"{provider}-key", entry));
    }

    private static void Price(JsonObject? info, JsonObject given, JsonObject deployment)
    {
        var (input, output) = (ImportDraft.Number(info?["input_cost_per_token"] ?? given["input_cost_per_token"]), ImportDraft.Number(info?["output_cost_per_token"] ?? given["output_cost_per_token"]));
        if (input is not null && output is not null)
        {
            deployment["price"] = new JsonObject
            {
                ["version"] = "imported",
                ["inputPerMillion"] = (long)(input.Value * NanoUsdPerMillion),
                ["outputPerMillion"] = (long)(output.Value * NanoUsdPerMillion),
            };
        }
    }

    private static void Routing(ImportDraft draft, JsonObject? router, JsonObject? settings)
    {
        var routes = draft.Section("routes");
        var strategy = ImportDraft.Text(router?["routing_strategy"]) switch
        {
            null or "simple-shuffle" => "Weighted",
            "least-busy" => "LeastInFlight",
            "latency-based-routing" => "LowestLatency",
            "cost-based-routing" => "LowestCost",
            var other => Unknown(other),
        };
        var attempts = (ImportDraft.Number(router?["num_retries"]) ?? ImportDraft.Number(settings?["num_retries"])) is { } retries ? (int)Math.Clamp(retries + 1, 1, 10) : (int?)null;
        foreach (var (_, route) in routes)
        {
            route!["strategy"] = strategy;
            if (attempts is not null)
            {
                route["maxAttempts"] = attempts;
            }
        }

        foreach (var (holder, place) in ((JsonObject?, string)[])[(router, "router_settings"), (settings, "litellm_settings")])
        {
            Fallbacks(draft, routes, holder, place, "fallbacks", "fallbacks");
            Fallbacks(draft, routes, holder, place, "context_window_fallbacks", "contextWindowFallbacks");
            Fallbacks(draft, routes, holder, place, "content_policy_fallbacks", "contentPolicyFallbacks");
        }

        foreach (var (alias, named) in router?["model_group_alias"] as JsonObject ?? [])
        {
            var to = ImportDraft.Text(named) ?? ImportDraft.Text((named as JsonObject)?["model"]);
            if (to is null || routes[to] is not JsonObject route)
            {
                draft.Note($"router_settings.model_group_alias.{alias}", $"is left out: there is no model '{to}' in the file.");
                continue;
            }

            route["aliases"] = route["aliases"] ?? new JsonArray();
            route["aliases"]!.AsArray().Add(alias);
        }

        string Unknown(string other)
        {
            draft.Note("router_settings.routing_strategy", $"'{other}' has no counterpart here; the routes are weighted.");
            return "Weighted";
        }
    }

    private static void Fallbacks(ImportDraft draft, JsonObject routes, JsonObject? holder, string place, string name, string field)
    {
        var list = holder?[name] as JsonArray ?? [];
        for (var i = 0; i < list.Count; i++)
        {
            foreach (var (model, to) in list[i] as JsonObject ?? [])
            {
                var known = (to as JsonArray ?? []).Select(ImportDraft.Text).Where(t => t is not null && routes.ContainsKey(t)).ToList();
                if (routes[model] is not JsonObject route || known.Count != (to as JsonArray)?.Count)
                {
                    draft.Note($"{place}.{name}[{i}].{model}", "names models that are not in the file; those are left out.");
                }

                if (routes[model] is JsonObject found && known.Count > 0)
                {
                    found[field] = new JsonArray([.. known.Select(k => (JsonNode)k!)]);
                }
            }
        }
    }
}

/// <summary>Small helps of the imports.</summary>
internal static class ImportHelp
{
    public static string Once(this Dictionary<string, string> known, string what, Func<string> make)
        => known.TryGetValue(what, out var id) ? id : known[what] = make();

    /// <summary>An address as this gateway takes it: without what only belongs to one operation.</summary>
    public static string Address(this ImportDraft draft, string address, string path)
    {
        var plain = address.TrimEnd('/');
        if (plain.StartsWith("os.environ/", StringComparison.Ordinal))
        {
            return $"${{{plain["os.environ/".Length..]}}}";
        }

        if (plain.EndsWith("/chat/completions", StringComparison.Ordinal))
        {
            draft.Note(path, "names one operation; the address before it is taken.");
            plain = plain[..^"/chat/completions".Length];
        }

        return plain;
    }
}
