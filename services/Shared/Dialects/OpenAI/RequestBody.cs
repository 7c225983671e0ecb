using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.OpenAI;

/// <summary>The members of a request body, under the names the provider knows them by and without those it refuses.</summary>
/// <param name="json">Stands in the body's object.</param>
/// <param name="target">The provider.</param>
/// <param name="origin">The caller's dialect, in which dropped members are named.</param>
/// <param name="drops">Receives the members left out.</param>
internal sealed class RequestBody(Utf8JsonWriter json, RequestTarget target, DialectId origin, DropList drops)
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>The writer, for values of members begun.</summary>
    public Utf8JsonWriter Json => json;

    /// <summary>Writes a member's name; its value must follow.</summary>
    /// <returns>False when the provider refuses the member, or it is there already: nothing may follow.</returns>
    public bool Begin(string name)
    {
        if (target.DroppedParameters.Contains(name))
        {
            drops.Add(CallerNames.Of(origin, name));
            return false;
        }

        var known = target.RenamedParameters.GetValueOrDefault(name, name);
        if (!_written.Add(known))
        {
            return false;
        }

        json.WritePropertyName(known);
        return true;
    }

    public void Text(string name, string? value)
    {
        if (value is not null && Begin(name))
        {
            json.WriteStringValue(value);
        }
    }

    public void Bool(string name, bool? value)
    {
        if (value is not null && Begin(name))
        {
            json.WriteBooleanValue(value.Value);
        }
    }

    public void Number(string name, long? value)
    {
        if (value is not null && Begin(name))
        {
            json.WriteNumberValue(value.Value);
        }
    }

    public void Number(string name, double? value)
    {
        if (value is { } number && double.IsFinite(number) && Begin(name))
        {
            json.WriteNumberValue(number);
        }
    }

    public void Texts(string name, List<string> values)
    {
        if (Begin(name))
        {
            json.WriteStartArray();
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }
    }
}
