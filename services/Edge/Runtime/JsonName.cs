using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Edge.Runtime;

/// <summary>A name as a JSON string.</summary>
internal static class JsonName
{
    private static readonly SearchValues<char> _plain =
        SearchValues.Create(" !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    public static byte[] Encode(string name)
    {
        if (name.AsSpan().ContainsAnyExcept(_plain))
        {
            return Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"");
        }

        // Names of models are nearly always plain, and those of wildcards are encoded with every request.
        var json = new byte[name.Length + 2];
        json[0] = json[^1] = (byte)'"';
        Encoding.ASCII.GetBytes(name, json.AsSpan(1));
        return json;
    }
}
