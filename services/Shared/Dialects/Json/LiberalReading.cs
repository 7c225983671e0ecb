using System.Globalization;
using System.Text.Json;

namespace Gateway.Dialects.Json;

/// <summary>Liberal reading of values: what has the wrong type is as good as absent.</summary>
internal static class LiberalReading
{
    /// <summary>The member called <paramref name="name"/>, or null when it is absent, null, or this is no object.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The first of two members that is there.</summary>
    public static JsonElement? Member(this JsonElement element, string name, string otherName) => element.Member(name) ?? element.Member(otherName);

    /// <summary>The string of the member called <paramref name="name"/>, or null.</summary>
    public static string? Text(this JsonElement element, string name) => element.Member(name)?.Text();

    /// <summary>The string, or null when it is none.</summary>
    public static string? Text(this JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    /// <summary>True or false, or null when it is neither.</summary>
    public static bool? Flag(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>The whole number, also when it is written as a string (protobuf's form of 64 bits) or with a fraction of zero.</summary>
    public static long? Whole(this JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Number)
        {
            if (element.TryGetInt64(out var whole))
            {
                return whole;
            }

            return element.TryGetDouble(out var value) && Math.Abs(value) < 9e15 ? (long)value : null;
        }

        return element.ValueKind == JsonValueKind.String && long.TryParse(element.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
    }

    /// <summary>The whole number, brought into the range of 32 bits.</summary>
    public static int? Int(this JsonElement element) => element.Whole() is { } whole ? (int)Math.Clamp(whole, int.MinValue, int.MaxValue) : null;

    /// <summary>The number, or null when it is none.</summary>
    public static double? Number(this JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && double.IsFinite(value) ? value : null;

    /// <summary>The elements of an array; nothing when it is none.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <summary>The elements of an array, or the value alone.</summary>
    public static IEnumerable<JsonElement> ItemsOrSelf(this JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [element];

    /// <summary>The members of an object; nothing when it is none.</summary>
    public static IEnumerable<JsonProperty> Members(this JsonElement element) => element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : [];
}
