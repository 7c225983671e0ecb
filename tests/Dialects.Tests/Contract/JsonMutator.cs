using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Dialects.Tests.Contract;

/// <summary>Damages JSON: bytes at random, or one value for a value of another type.</summary>
internal static class JsonMutator
{
    private static readonly Func<JsonNode?>[] _values =
    [
        () => null, () => JsonValue.Create(0), () => JsonValue.Create(-1.5e300), () => JsonValue.Create(long.MaxValue), () => JsonValue.Create(""), () => JsonValue.Create("text"),
        () => JsonValue.Create(true), () => new JsonObject(), () => new JsonArray(), () => new JsonArray(JsonValue.Create(1), null, new JsonObject()),
        () => new JsonObject { ["type"] = "text", ["text"] = 1 },
    ];

    /// <summary>Bytes changed, cut out, repeated or cut off.</summary>
    public static byte[] Bytes(byte[] json, Random random)
    {
        var bytes = json.ToList();
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(5, bytes.Count - at))); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Still JSON, with one value replaced or one member removed.</summary>
    public static byte[] Value(byte[] json, Random random)
    {
        var root = JsonNode.Parse(json)!;
        var holders = new List<JsonNode>();
        Collect(root, holders);
        if (holders.Count > 0)
        {
            var holder = holders[random.Next(holders.Count)];
            if (holder is JsonObject o)
            {
                var name = o.ElementAt(random.Next(o.Count)).Key;
                if (random.Next(4) == 0)
                {
                    o.Remove(name);
                }
                else
                {
                    o[name] = _values[random.Next(_values.Length)]();
                }
            }
            else if (holder is JsonArray a)
            {
                a[random.Next(a.Count)] = _values[random.Next(_values.Length)]();
            }
        }

        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static void Collect(JsonNode? node, List<JsonNode> holders)
    {
        if (node is JsonObject { Count: > 0 } o)
        {
            holders.Add(o);
            foreach (var (_, value) in o)
            {
                Collect(value, holders);
            }
        }
        else if (node is JsonArray { Count: > 0 } a)
        {
            holders.Add(a);
            foreach (var value in a)
            {
                Collect(value, holders);
            }
        }
    }
}
