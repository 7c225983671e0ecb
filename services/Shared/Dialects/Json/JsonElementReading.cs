using System.Globalization;
using System.Text.Json;

namespace Gateway.Dialects.Json;

/// <summary>Liberal reading, for all dialects: what is missing, null or of another type than the dialect says is as good as absent.</summary>
internal static class JsonElementReading
{
    extension(JsonElement element)
    {
        /// <summary>The member, when this is an object that has it with a value other than null.</summary>
        public bool TryMember(string name, out JsonElement value)
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null)
            {
                return true;
            }

            value = default;
            return false;
        }

        /// <summary>The member when it is an object.</summary>
        public bool TryObject(string name, out JsonElement value) => element.TryMember(name, out value) && value.ValueKind == JsonValueKind.Object;

        /// <summary>The member when it is an array.</summary>
        public bool TryArray(string name, out JsonElement value) => element.TryMember(name, out value) && value.ValueKind == JsonValueKind.Array;

        /// <summary>The member, or null.</summary>
        public JsonElement? Member(string name) => element.TryMember(name, out var value) ? value : null;

        /// <summary>The first of two members that is there.</summary>
        public JsonElement? Member(string name, string otherName) => element.Member(name) ?? element.Member(otherName);

        /// <summary>The member when it is a string; else null.</summary>
        public string? StringOf(string name) => element.TryMember(name, out var value) ? value.Text() : null;

        /// <summary>The member when it is true or false; else null.</summary>
        public bool? BoolOf(string name) => element.TryMember(name, out var value) ? value.Flag() : null;

        /// <summary>The member when it is a number; else null.</summary>
        public double? NumberOf(string name) => element.TryMember(name, out var value) ? value.Number() : null;

        /// <summary>The member when it is a whole number; see <see cref="Whole"/>.</summary>
        public long? LongOf(string name) => element.TryMember(name, out var value) ? value.Whole() : null;

        /// <summary>The member when it is a whole number, brought into the range of 32 bits; else null.</summary>
        public int? IntOf(string name) => element.TryMember(name, out var value) ? value.Int() : null;

        /// <summary>The string; null when it is none.</summary>
        public string? Text() => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

        /// <summary>True or false; null when it is neither.</summary>
        public bool? Flag() => element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

        /// <summary>The number; null when it is none, or none that a double holds.</summary>
        public double? Number() => element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && double.IsFinite(value) ? value : null;

        /// <summary>The whole number in the range of 64 bits, also with a fraction of zero or written as a string (protobuf's form of 64 bits); else null.</summary>
        public long? Whole()
        {
            if (element.ValueKind == JsonValueKind.Number)
            {
                return element.TryGetInt64(out var whole) ? whole
                    : element.TryGetDouble(out var value) && value == Math.Floor(value) && Math.Abs(value) < 9e18 ? (long)value : null;
            }

            return element.ValueKind == JsonValueKind.String && long.TryParse(element.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        }

        /// <summary>The whole number, brought into the range of 32 bits; null when it is none.</summary>
        public int? Int() => element.Whole() is { } whole ? (int)Math.Clamp(whole, int.MinValue, int.MaxValue) : null;

        /// <summary>The elements of an array; nothing when it is none.</summary>
        public IEnumerable<JsonElement> Items() => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

        /// <summary>The elements of an array, or the value alone.</summary>
        public IEnumerable<JsonElement> ItemsOrSelf() => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [element];

        /// <summary>The members of an object; nothing when it is none.</summary>
        public IEnumerable<JsonProperty> Members() => element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : [];
    }
}
