using System.Text.Json.Nodes;

namespace Gateway.Governance.Audit;

/// <summary>One field that differs.</summary>
/// <param name="Field">Its path, for example <c>limits.concurrency</c> or <c>targets[1].weight</c>.</param>
/// <param name="Before">What it was; null where it was not there.</param>
/// <param name="After">What it is; null where it is not there.</param>
public sealed record FieldChange(string Field, JsonNode? Before, JsonNode? After);

/// <summary>Compares entries field by field.</summary>
internal static class EntryDiff
{
    private const int Most = 1000;

    public static IReadOnlyList<FieldChange> Between(JsonNode? before, JsonNode? after)
    {
        var changes = new List<FieldChange>();
        Compare("", before, after, changes);
        return changes;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<FieldChange> changes)
    {
        if (changes.Count >= Most || JsonNode.DeepEquals(before, after))
        {
            return;
        }

        switch (before, after)
        {
            case (JsonObject one, JsonObject other):
                foreach (var name in one.Select(m => m.Key).Union(other.Select(m => m.Key), StringComparer.Ordinal))
                {
                    Compare(path.Length == 0 ? name : $"{path}.{name}", one[name], other[name], changes);
                }

                break;
            case (JsonObject one, null):
                foreach (var (name, value) in one)
                {
                    Compare(path.Length == 0 ? name : $"{path}.{name}", value, null, changes);
                }

                break;
            case (null, JsonObject other):
                foreach (var (name, value) in other)
                {
                    Compare(path.Length == 0 ? name : $"{path}.{name}", null, value, changes);
                }

                break;
            case (JsonArray one, JsonArray other) when one.Concat(other).All(i => i is JsonObject):
                for (var i = 0; i < Math.Max(one.Count, other.Count); i++)
                {
                    Compare($"{path}[{i}]", i < one.Count ? one[i] : null, i < other.Count ? other[i] : null, changes);
                }

                break;
            default:
                changes.Add(new FieldChange(path, before?.DeepClone(), after?.DeepClone()));
                break;
        }
    }
}
