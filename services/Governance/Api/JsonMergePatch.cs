using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Governance.Api;

/// <summary>RFC 7396: members of the patch replace those of the target, null removes them.</summary>
internal static class JsonMergePatch
{
    public static JsonElement Apply(JsonElement target, JsonElement patch)
    {
        var merged = Merge(JsonObject.Create(target), patch);
        return JsonSerializer.SerializeToElement(merged, NodeJson.Default.JsonNode);
    }

    private static JsonNode? Merge(JsonNode? target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            return patch.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.Array => JsonArray.Create(patch),
                _ => JsonValue.Create(patch),
            };
        }

        var merged = target as JsonObject ?? [];
        foreach (var member in patch.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                merged.Remove(member.Name);
                continue;
            }

            merged.TryGetPropertyValue(member.Name, out var before);
            merged.Remove(member.Name);
            merged[member.Name] = Merge(before, member.Value);
        }

        return merged;
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonNode))]
internal sealed partial class NodeJson : System.Text.Json.Serialization.JsonSerializerContext;
