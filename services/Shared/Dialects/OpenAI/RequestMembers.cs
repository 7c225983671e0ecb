using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.OpenAI;

/// <summary>Reads members of a request by type, and keeps the first problem met.</summary>
internal sealed class RequestMembers
{
    /// <summary>What is wrong, or null.</summary>
    public DialectProblem? Problem { get; private set; }

    public void Fail(string member, string what) => Problem ??= new DialectProblem($"'{member}' {what}.", member);

    public string? Text(JsonProperty member)
    {
        if (member.Value.ValueKind == JsonValueKind.String)
        {
            return member.Value.GetString();
        }

        Fail(member.Name, "must be a string");
        return null;
    }

    public bool? Bool(JsonProperty member)
    {
        if (member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return member.Value.GetBoolean();
        }

        Fail(member.Name, "must be true or false");
        return null;
    }

    public double? Number(JsonProperty member)
    {
        if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetDouble(out var number) && double.IsFinite(number))
        {
            return number;
        }

        Fail(member.Name, "must be a number");
        return null;
    }

    public long? Whole(JsonProperty member)
    {
        if (member.Value.ValueKind == JsonValueKind.Number)
        {
            if (member.Value.TryGetInt64(out var whole))
            {
                return whole;
            }

            if (member.Value.TryGetDouble(out var number) && number == Math.Floor(number) && Math.Abs(number) < 9e18)
            {
                return (long)number;
            }
        }

        Fail(member.Name, "must be a whole number");
        return null;
    }

    public int? Int(JsonProperty member) => Whole(member) is { } value ? (int)Math.Clamp(value, int.MinValue, int.MaxValue) : null;

    /// <summary>A string, or a list of strings.</summary>
    public void Texts(JsonProperty member, List<string> texts)
    {
        if (member.Value.ValueKind == JsonValueKind.String)
        {
            texts.Add(member.Value.GetString()!);
            return;
        }

        if (member.Value.ValueKind != JsonValueKind.Array)
        {
            Fail(member.Name, "must be a string or an array of strings");
            return;
        }

        foreach (var entry in member.Value.EnumerateArray())
        {
            if (entry.ValueKind == JsonValueKind.String)
            {
                texts.Add(entry.GetString()!);
            }
            else
            {
                Fail(member.Name, "must be a string or an array of strings");
            }
        }
    }
}
