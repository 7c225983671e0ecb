using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Arguments that come in pieces (Vertex AI, on request): each piece names a place by a JSON path (<c>$.list[0].name</c>) and gives a value, or more of
/// a string. Not thread-safe.
/// </summary>
internal sealed class GeminiPartialArgs
{
    private const int MaxSteps = 64;
    private const int MaxIndex = 10_000;

    private readonly JsonObject _root = [];
    private readonly Dictionary<string, StringBuilder> _strings = new(StringComparer.Ordinal);

    /// <summary>Takes whole arguments, which some models send with the first or last piece.</summary>
    public void AddWhole(JsonElement args)
    {
        foreach (var member in args.Members())
        {
            _root[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        }
    }

    /// <summary>Takes the pieces of one event.</summary>
    /// <returns>False when a piece cannot be understood.</returns>
    public bool Add(JsonElement pieces)
    {
        foreach (var piece in pieces.Items())
        {
            if (piece.CamelMember("jsonPath")?.Text() is not { } path || Steps(path) is not { Count: > 0 } steps)
            {
                return false;
            }

            if (piece.CamelMember("stringValue")?.Text() is { } text)
            {
                if (!_strings.TryGetValue(path, out var whole))
                {
                    _strings[path] = whole = new StringBuilder();
                }

                whole.Append(text);
                // The value is put in its place when all is there; here only the place is taken, so that members keep their order.
                if (!Set(steps, JsonValue.Create("")))
                {
                    return false;
                }
            }
            else if (Value(piece) is { } value && !Set(steps, value.Node))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The arguments as JSON text.</summary>
    public string Build()
    {
        foreach (var (path, text) in _strings)
        {
            Set(Steps(path)!, JsonValue.Create(text.ToString()));
        }

        return _root.ToJsonString(_options);
    }

    private static readonly JsonSerializerOptions _options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static (JsonNode? Node, bool Known)? Value(JsonElement piece)
    {
        foreach (var member in piece.Members())
        {
            switch (GeminiNames.Camel(member.Name))
            {
                case "numberValue" or "boolValue" or "structValue" or "listValue":
                    return (JsonNode.Parse(member.Value.GetRawText()), true);
                case "nullValue":
                    return (null, true);
            }
        }

        return null;
    }

    private bool Set(List<object> steps, JsonNode? value)
    {
        JsonNode at = _root;
        for (var i = 0; i < steps.Count; i++)
        {
            var isLast = i == steps.Count - 1;
            JsonNode? next;
            if (steps[i] is string name && at is JsonObject members)
            {
                next = members[name];
                if (isLast || next is not (JsonObject or JsonArray))
                {
                    next = isLast ? value : Container(steps[i + 1]);
                    members[name] = next;
                }
            }
            else if (steps[i] is int index && at is JsonArray items)
            {
                while (items.Count <= index)
                {
                    items.Add(null);
                }

                next = items[index];
                if (isLast || next is not (JsonObject or JsonArray))
                {
                    next = isLast ? value : Container(steps[i + 1]);
                    items[index] = next;
                }
            }
            else
            {
                return false;
            }

            if (!isLast)
            {
                at = next!;
            }
        }

        return true;
    }

    private static JsonNode Container(object step) => step is int ? new JsonArray() : new JsonObject();

    /// <summary>The steps of a path: names and positions; null when it is none that the API writes.</summary>
    private static List<object>? Steps(string path)
    {
        var steps = new List<object>();
        var rest = path.AsSpan().TrimStart('$');
        while (!rest.IsEmpty && steps.Count < MaxSteps)
        {
            if (rest[0] == '[')
            {
                var quote = rest.Length > 1 ? rest[1] : '\0';
                var isName = quote is '\'' or '"';
                var end = isName ? rest[2..].IndexOf([quote, ']']) + 2 : rest.IndexOf(']');
                if (end < (isName ? 2 : 1))
                {
                    return null;
                }

                if (isName)
                {
                    steps.Add(rest[2..end].ToString());
                    rest = rest[(end + 2)..];
                }
                else if (int.TryParse(rest[1..end], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= MaxIndex)
                {
                    steps.Add(index);
                    rest = rest[(end + 1)..];
                }
                else
                {
                    return null;
                }
            }
            else
            {
                rest = rest[0] == '.' ? rest[1..] : rest;
                var end = rest.IndexOfAny('.', '[');
                var name = end < 0 ? rest : rest[..end];
                if (name.IsEmpty)
                {
                    return null;
                }

                steps.Add(name.ToString());
                rest = rest[name.Length..];
            }
        }

        return rest.IsEmpty ? steps : null;
    }
}
