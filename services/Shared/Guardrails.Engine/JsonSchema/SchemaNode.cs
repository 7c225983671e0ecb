using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Guardrails.Engine.JsonSchema;

/// <summary>A schema that is ready to check values: the part of JSON Schema that is in common use.</summary>
internal sealed class SchemaNode
{
    private const int MostSteps = 200_000;

    public bool? Always { get; set; }

    public HashSet<string>? Types { get; set; }

    public List<JsonElement>? Values { get; set; }

    public Dictionary<string, SchemaNode> Properties { get; } = new(StringComparer.Ordinal);

    public List<(Regex Name, SchemaNode Schema)> PatternProperties { get; } = [];

    public SchemaNode? AdditionalProperties { get; set; }

    public List<string> Required { get; } = [];

    public SchemaNode? Items { get; set; }

    public List<SchemaNode> PrefixItems { get; } = [];

    public List<SchemaNode> AllOf { get; } = [];

    public List<SchemaNode> AnyOf { get; } = [];

    public List<SchemaNode> OneOf { get; } = [];

    public SchemaNode? Not { get; set; }

    /// <summary>What a reference stands for.</summary>
    public SchemaNode? Target { get; set; }

    public Regex? Pattern { get; set; }

    public double? Minimum { get; set; }

    public double? Maximum { get; set; }

    public double? ExclusiveMinimum { get; set; }

    public double? ExclusiveMaximum { get; set; }

    public decimal? MultipleOf { get; set; }

    public int? MinLength { get; set; }

    public int? MaxLength { get; set; }

    public int? MinItems { get; set; }

    public int? MaxItems { get; set; }

    public int? MinProperties { get; set; }

    public int? MaxProperties { get; set; }

    public bool UniqueItems { get; set; }

    public bool Allows(JsonElement value)
    {
        var steps = MostSteps;
        return Allows(value, ref steps, 0);
    }

    private bool Allows(JsonElement value, ref int steps, int depth)
    {
        // References may go round, and combinations multiply: what cannot be decided in time does not fit.
        if (--steps < 0 || depth > 200)
        {
            return false;
        }

        if (Always is { } always)
        {
            return always;
        }

        if (Types is not null && !IsOfType(value) || Values is not null && !Values.Exists(v => JsonElement.DeepEquals(v, value)))
        {
            return false;
        }

        return (Target?.Allows(value, ref steps, depth + 1) ?? true)
            && value.ValueKind switch
            {
                JsonValueKind.Object => AllowsObject(value, ref steps, depth),
                JsonValueKind.Array => AllowsArray(value, ref steps, depth),
                JsonValueKind.String => AllowsString(value),
                JsonValueKind.Number => AllowsNumber(value),
                _ => true,
            }
            && Combines(value, ref steps, depth);
    }

    private bool IsOfType(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Types!.Contains("object"),
        JsonValueKind.Array => Types!.Contains("array"),
        JsonValueKind.String => Types!.Contains("string"),
        JsonValueKind.True or JsonValueKind.False => Types!.Contains("boolean"),
        JsonValueKind.Null => Types!.Contains("null"),
        _ => Types!.Contains("number") || (Types.Contains("integer") && value.TryGetDouble(out var number) && Math.Floor(number) == number),
    };

    private bool Combines(JsonElement value, ref int steps, int depth)
    {
        foreach (var schema in AllOf)
        {
            if (!schema.Allows(value, ref steps, depth + 1))
            {
                return false;
            }
        }

        if (AnyOf.Count > 0)
        {
            var any = false;
            foreach (var schema in AnyOf)
            {
                any = any || schema.Allows(value, ref steps, depth + 1);
            }

            if (!any)
            {
                return false;
            }
        }

        if (OneOf.Count > 0)
        {
            var fitting = 0;
            foreach (var schema in OneOf)
            {
                fitting += schema.Allows(value, ref steps, depth + 1) ? 1 : 0;
            }

            if (fitting != 1)
            {
                return false;
            }
        }

        return Not is null || (!Not.Allows(value, ref steps, depth + 1) && steps >= 0);
    }

    private bool AllowsObject(JsonElement value, ref int steps, int depth)
    {
        var count = 0;
        foreach (var member in value.EnumerateObject())
        {
            count++;
            var known = false;
            if (Properties.TryGetValue(member.Name, out var property))
            {
                known = true;
                if (!property.Allows(member.Value, ref steps, depth + 1))
                {
                    return false;
                }
            }

            foreach (var (name, schema) in PatternProperties)
            {
                if (name.IsMatch(member.Name))
                {
                    known = true;
                    if (!schema.Allows(member.Value, ref steps, depth + 1))
                    {
                        return false;
                    }
                }
            }

            if (!known && AdditionalProperties is not null && !AdditionalProperties.Allows(member.Value, ref steps, depth + 1))
            {
                return false;
            }
        }

        return count >= (MinProperties ?? 0) && count <= (MaxProperties ?? int.MaxValue) && Required.TrueForAll(name => value.TryGetProperty(name, out _));
    }

    private bool AllowsArray(JsonElement value, ref int steps, int depth)
    {
        var length = value.GetArrayLength();
        if (length < (MinItems ?? 0) || length > (MaxItems ?? int.MaxValue))
        {
            return false;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var schema = index < PrefixItems.Count ? PrefixItems[index] : Items;
            if (schema is not null && !schema.Allows(item, ref steps, depth + 1))
            {
                return false;
            }

            index++;
        }

        return !UniqueItems || value.EnumerateArray().Select(static i => JsonSerializer.Serialize(i, SchemaJson.Default.JsonElement)).Distinct(StringComparer.Ordinal).Count() == length;
    }

    private bool AllowsString(JsonElement value)
    {
        if (MinLength is null && MaxLength is null && Pattern is null)
        {
            return true;
        }

        var text = value.GetString()!;

        // Lengths count code points.
        var length = text.Length - text.Count(char.IsLowSurrogate);
        return length >= (MinLength ?? 0) && length <= (MaxLength ?? int.MaxValue) && (Pattern?.IsMatch(text) ?? true);
    }

    private bool AllowsNumber(JsonElement value)
    {
        var number = value.GetDouble();
        return number >= (Minimum ?? double.NegativeInfinity) && number <= (Maximum ?? double.PositiveInfinity)
            && (ExclusiveMinimum is null || number > ExclusiveMinimum) && (ExclusiveMaximum is null || number < ExclusiveMaximum)
            && (MultipleOf is not { } step || (value.TryGetDecimal(out var exact) && exact % step == 0));
    }
}
