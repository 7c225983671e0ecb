using System.Text.Json;

namespace Gateway.Dialects.Json;

/// <summary>Reads members that may be missing, null or of another type than the dialect says.</summary>
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

        /// <summary>The member when it is a string; else null.</summary>
        public string? StringOf(string name) =>
            element.TryMember(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        /// <summary>The member when it is true or false; else null.</summary>
        public bool? BoolOf(string name) =>
            element.TryMember(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

        /// <summary>The member when it is a number; else null.</summary>
        public double? NumberOf(string name) =>
            element.TryMember(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
                ? number : null;

        /// <summary>The member when it is a whole number in the range of 64 bits (<c>3</c> and <c>3.0</c> alike); else null.</summary>
        public long? LongOf(string name)
        {
            if (!element.TryMember(name, out var value) || value.ValueKind != JsonValueKind.Number)
            {
                return null;
            }

            return value.TryGetInt64(out var whole) ? whole
                : value.TryGetDouble(out var number) && number == Math.Floor(number) && Math.Abs(number) < 9e18 ? (long)number : null;
        }

        /// <summary>The member when it is a whole number in the range of 32 bits; else null.</summary>
        public int? IntOf(string name) => element.LongOf(name) is >= int.MinValue and <= int.MaxValue and var value ? (int)value : null;
    }
}
