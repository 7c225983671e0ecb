using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Member names. The API takes protobuf's JSON, in which <c>functionCall</c> and <c>function_call</c> are the same member.</summary>
internal static class GeminiNames
{
    /// <summary>Members of an object with their names in camel case; null values are left out.</summary>
    public static IEnumerable<(string Name, JsonElement Value)> CamelMembers(this JsonElement element)
    {
        foreach (var member in element.Members())
        {
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                yield return (Camel(member.Name), member.Value);
            }
        }
    }

    /// <summary>The member called <paramref name="name"/>, which is in camel case, in either form.</summary>
    public static JsonElement? CamelMember(this JsonElement element, string name)
    {
        if (element.Member(name) is { } exact)
        {
            return exact;
        }

        foreach (var (camel, value) in element.CamelMembers())
        {
            if (camel == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary><paramref name="name"/> in camel case.</summary>
    public static string Camel(string name)
    {
        if (name.IndexOf('_', StringComparison.Ordinal) < 1)
        {
            return name;
        }

        return string.Create(name.Length - name.AsSpan(1).Count('_'), name, static (target, source) =>
        {
            var at = 0;
            var upper = false;
            for (var i = 0; i < source.Length; i++)
            {
                if (source[i] == '_' && i > 0)
                {
                    upper = true;
                }
                else
                {
                    target[at++] = upper ? char.ToUpperInvariant(source[i]) : source[i];
                    upper = false;
                }
            }
        });
    }

    /// <summary>A model's name without the folders in front of it (<c>models/</c>, <c>publishers/google/models/</c>).</summary>
    public static string Model(string name) => name.LastIndexOf('/') is >= 0 and var slash && name.AsSpan(0, slash).EndsWith("models", StringComparison.Ordinal) ? name[(slash + 1)..] : name;
}
