using System.Buffers;
using System.Text;
using Gateway.Dialects.Envelopes;

namespace Gateway.Edge.Uploads;

/// <summary>An upload as the provider gets it: the caller's form with another name and content of the file.</summary>
internal sealed class UploadForm
{
    private readonly string _boundary = "gw-" + Guid.NewGuid().ToString("N");

    public string ContentType => "multipart/form-data; boundary=" + _boundary;

    public ReadOnlyMemory<byte> Write(ReadOnlySpan<byte> body, IReadOnlyList<FormPart> parts, string fileName, ReadOnlySpan<byte> file)
    {
        var buffer = new ArrayBufferWriter<byte>(file.Length + 4096);
        foreach (var part in parts)
        {
            Text(buffer, $"--{_boundary}\r\nContent-Disposition: form-data; name=\"{Quote(part.Name)}\"");
            if (part.IsFile)
            {
                Text(buffer, $"; filename=\"{Quote(fileName)}\"\r\nContent-Type: application/octet-stream");
            }

            Text(buffer, "\r\n\r\n");
            buffer.Write(part.IsFile ? file : body.Slice(part.Start, part.Length));
            Text(buffer, "\r\n");
        }

        Text(buffer, $"--{_boundary}--\r\n");
        return buffer.WrittenMemory;
    }

    private static void Text(ArrayBufferWriter<byte> buffer, string text) => Encoding.UTF8.GetBytes(text, buffer);

    // As browsers do it.
    private static string Quote(string text) => text
        .Replace("\"", "%22", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);
}
