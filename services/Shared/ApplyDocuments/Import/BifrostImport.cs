using System.Text.Json.Nodes;

namespace Gateway.ApplyDocuments.Import;

/// <summary>Reads Bifrost's <c>config.json</c>: providers with their keys and weights, and of its governance customers, teams, virtual keys, budgets and rate limits.</summary>
public static class BifrostImport
{
    private const string Reference = "env.";
    private const int WeightScale = 100;

    /// <summary>Carries over what can be.</summary>
    public static ImportResult Read(JsonObject file)
    {
        var draft = new ImportDraft();
        foreach (var (name, value) in file["providers"] as JsonObject ?? [])
        {
            Provider(draft, name, value as JsonObject ?? [], $"providers.{name}");
        }

        BifrostAccounts.Read(draft, file["governance"] as JsonObject ?? []);
        foreach (var name in file.Select(m => m.Key).Where(n => n is not ("providers" or "governance" or "$schema")))
        {
            draft.Note(name, name switch
            {
                "config_store" or "logs_store" => "is not carried over: the gateway has a store of its own.",
                "client" => "is not carried over: settings of the server are set here by the settings and the environment.",
                "encryption_key" => "is not carried over: the gateway makes a key ring of its own.",
                _ => "has no counterpart here.",
            });
        }

        return draft.Result();
    }

    private static void Provider(ImportDraft draft, string name, JsonObject given, string path)
    {
        var network = given["network_config"] as JsonObject;
        var keys = given["keys"] as JsonArray ?? [];
        for (var i = 0; i < keys.Count; i++)
        {
            Key(draft, name, keys[i] as JsonObject ?? [], network, $"{path}.keys[{i}]");
        }

        if (keys.Count == 0)
        {
            draft.Note(path, "is left out: it has no keys.");
        }

        draft.Rest(network, $"{path}.network_config", "base_url");
        draft.Rest(given, path, "keys", "network_config");
    }

    private static void Key(ImportDraft draft, string name, JsonObject key, JsonObject? network, string path)
    {
        var (azure, vertex, bedrock) = (key["azure_key_config"] as JsonObject, key["vertex_key_config"] as JsonObject, key["bedrock_key_config"] as JsonObject);
        var address = ImportDraft.Text(azure?["endpoint"]) ?? ImportDraft.Text(network?["base_url"]);
        if (ImportedProviders.Find(name, address is null ? null : Plain(address)) is not { } found)
        {
            draft.Note(path, $"is left out: the provider '{name}' is not known here, and no network_config.base_url is given.");
            return;
        }

        var entry = new JsonObject { ["kind"] = found.Kind };
        Set(entry, "baseUrl", found.Address);
        Set(entry, "apiVersion", ImportDraft.Text(azure?["api_version"]));
        Set(entry, "region", ImportDraft.Text(vertex?["region"]) ?? ImportDraft.Text(bedrock?["region"]));
        Set(entry, "project", ImportDraft.Text(vertex?["project_id"]));
        var provider = draft.Section("providers").FirstOrDefault(p => p.Key.StartsWith(found.Id, StringComparison.Ordinal) && JsonNode.DeepEquals(p.Value, entry)).Key
            ?? draft.Add("providers", found.Id, entry);
        var credential = Credential(draft, key, provider, vertex, bedrock, path);
        var models = (key["models"] as JsonArray ?? []).Select(ImportDraft.Text).OfType<string>().ToList();
        var deployed = (azure?["deployments"] ?? key["aliases"]) as JsonObject;
        foreach (var model in models.Count == 0 ? ["*"] : models)
        {
            var deployment = new JsonObject { ["provider"] = provider, ["model"] = ImportDraft.Text(deployed?[model]) ?? model };
            if (credential is not null)
            {
                deployment["credential"] = credential;
            }

            var id = draft.Add("deployments", $"{provider}/{model}", deployment);
            Route(draft, name, model, id, (int)Math.Clamp((ImportDraft.Number(key["weight"]) ?? 1) * WeightScale, 0, 1000));
        }

        draft.Rest(key, path, "id", "name", "value", "models", "weight", "azure_key_config", "vertex_key_config", "bedrock_key_config", "aliases");
    }

    private static void Route(ImportDraft draft, string provider, string model, string deployment, int weight)
    {
        var routes = draft.Section("routes");
        var name = $"{provider}/{model}";
        if (routes[name] is not JsonObject route)
        {
            routes[name] = route = new JsonObject { ["strategy"] = "Weighted", ["targets"] = new JsonArray() };
        }

        route["targets"]!.AsArray().Add(new JsonObject { ["deploymentId"] = deployment, ["weight"] = weight });
    }

    private static string? Credential(ImportDraft draft, JsonObject key, string provider, JsonObject? vertex, JsonObject? bedrock, string path)
    {
        var entry = new JsonObject { ["provider"] = provider };
        if (ImportDraft.Text(bedrock?["access_key"]) is { Length: > 0 } access && ImportDraft.Text(bedrock?["secret_key"]) is { Length: > 0 } secret)
        {
            entry["type"] = "aws";
            entry["secret"] = draft.Secret(secret, $"{path}.bedrock_key_config.secret_key", Reference);
            entry["aws"] = new JsonObject { ["accessKeyId"] = draft.Secret(access, $"{path}.bedrock_key_config.access_key", Reference) };
        }
        else if (ImportDraft.Text(vertex?["auth_credentials"]) is { Length: > 0 } account)
        {
            entry["type"] = "serviceAccount";
            entry["secret"] = draft.Secret(account, $"{path}.vertex_key_config.auth_credentials", Reference);
        }
        else if (ImportDraft.Text(key["value"]) is { Length: > 0 } value)
        {
            entry["secret"] = draft.Secret(value, $"{path}.value", Reference);
        }
        else
        {
            return null;
        }

        return draft.Add("credentials", ImportDraft.Id(ImportDraft.Text(key["id"]) ?? ImportDraft.Text(key["name"]) ?? $"{provider}-key"), entry);
    }

    private static string Plain(string address) => address.StartsWith(Reference, StringComparison.Ordinal) ? $"${{{address[Reference.Length..]}}}" : address.TrimEnd('/');

    private static void Set(JsonObject entry, string field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            entry[field] = value.StartsWith(Reference, StringComparison.Ordinal) ? $"${{{value[Reference.Length..]}}}" : value;
        }
    }
}
