using System.Text.Json.Nodes;

namespace Gateway.Governance.Audit;

/// <summary>Takes out of an entry what must not be in a log: the answers of the admin API have no secrets of the gateway's own, but headers and the like are free texts.</summary>
internal static class Redaction
{
    public const string Hidden = "[hidden]";

    private static readonly string[] Words = ["secret", "token", "password", "passphrase", "apikey", "api-key", "api_key", "authorization", "cookie", "credential", "privatekey", "sealed", "sha256"];
    private static readonly string[] Harmless = ["credentialId", "credentialIds", "tokenizer", "tokenClass", "secretRef"];

    /// <summary>Members that hold a secret in some stored form; when one of them changes, a secret changed.</summary>
    private static readonly string[] Sealed = ["sha256", "sealed", "hash", "secret"];

    public static JsonObject Of(JsonObject view)
    {
        var copy = view.DeepClone().AsObject();
        Clean(copy);
        return copy;
    }

    /// <summary>The secrets of a stored body, to be compared only.</summary>
    public static string SecretsOf(string? body)
    {
        var found = new List<string>();
        Collect(string.IsNullOrEmpty(body) ? null : JsonNode.Parse(body), "", found);
        return string.Join('\n', found);
    }

    private static void Clean(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    if (IsSecret(name) && value is JsonValue text && text.GetValueKind() == System.Text.Json.JsonValueKind.String)
                    {
                        members[name] = Hidden;
                    }
                    else
                    {
                        Clean(value);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Clean(item);
                }

                break;
            default:
                break;
        }
    }

    private static void Collect(JsonNode? node, string name, List<string> found)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var member in members)
                {
                    Collect(member.Value, member.Key, found);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Collect(item, name, found);
                }

                break;
            case JsonValue value when Sealed.Contains(name, StringComparer.OrdinalIgnoreCase):
                found.Add(value.ToJsonString());
                break;
            default:
                break;
        }
    }

    private static bool IsSecret(string name)
        => !Harmless.Contains(name, StringComparer.OrdinalIgnoreCase)
            && (Words.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase)) || name.EndsWith("-key", StringComparison.OrdinalIgnoreCase));
}
