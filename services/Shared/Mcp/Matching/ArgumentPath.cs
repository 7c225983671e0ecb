using System.Text.Json;

namespace Gateway.Mcp.Matching;

/// <summary>Where an argument stands: names after dots. Arrays on the way are gone through, each of their elements.</summary>
public sealed class ArgumentPath
{
    /// <summary>Most names of a path.</summary>
    public const int MostNames = 10;

    private readonly string[] _names;

    /// <summary>Makes one.</summary>
    /// <param name="text">The names, with dots between.</param>
    public ArgumentPath(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _names = text.Split('.');
        Text = text;
    }

    /// <summary>As it is written.</summary>
    public string Text { get; }

    /// <summary>True when another leads further into the same argument.</summary>
    /// <param name="other">The other.</param>
    public bool IsAbove(ArgumentPath other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other._names.Length > _names.Length && other._names.AsSpan(0, _names.Length).SequenceEqual(_names);
    }

    /// <summary>What is wrong with a path as a sentence that goes on after its place; null when nothing is.</summary>
    /// <param name="text">The path.</param>
    public static string? Problem(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var names = text.Split('.');
        return names.Length > MostNames || names.Any(static n => n.Length == 0) ? $"must be 1 to {MostNames} names with dots between" : null;
    }

    /// <summary>The values at this place.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <returns>Texts, numbers, <c>true</c> and <c>false</c> as texts; null for an object or <c>null</c>, which is no value that could be compared.</returns>
    public IReadOnlyList<string?> Values(JsonElement arguments)
    {
        var values = new List<string?>();
        Collect(arguments, 0, values);
        return values;
    }

    private void Collect(JsonElement at, int depth, List<string?> values)
    {
        switch (at.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var element in at.EnumerateArray())
                {
                    Collect(element, depth, values);
                }

                break;
            case JsonValueKind.Object when depth < _names.Length:
                // Of a name that is there twice it is not known which one the server takes.
                foreach (var member in at.EnumerateObject())
                {
                    if (member.NameEquals(_names[depth]))
                    {
                        Collect(member.Value, depth + 1, values);
                    }
                }

                break;
            case not JsonValueKind.Object when depth < _names.Length:
                break;
            case JsonValueKind.String:
                values.Add(at.GetString());
                break;
            case JsonValueKind.Number:
                values.Add(JsonNumber.Text(at));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                values.Add(at.ValueKind == JsonValueKind.True ? "true" : "false");
                break;
            default:
                values.Add(null);
                break;
        }
    }
}
