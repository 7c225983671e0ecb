using System.Globalization;
using System.Text.Json;

namespace Gateway.Mcp.Matching;

/// <summary>Numbers of JSON as one text each, however they are written: <c>1</c>, <c>1.0</c> and <c>1e0</c> are the same.</summary>
internal static class JsonNumber
{
    public static string Text(JsonElement number)
    {
        if (number.TryGetDecimal(out var exact))
        {
            // Dividing by one with all its zeros takes trailing zeros away.
            return exact == 0 ? "0" : (exact / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);
        }

        return number.TryGetDouble(out var close) && double.IsFinite(close) ? close.ToString("R", CultureInfo.InvariantCulture) : number.GetRawText();
    }
}
