using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Edge.Runtime;

/// <summary>A name as a JSON string.</summary>
internal static class JsonName
{
    public static byte[] Encode(string name) => Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"");
}
