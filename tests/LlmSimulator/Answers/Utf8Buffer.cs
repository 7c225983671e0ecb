using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.LlmSimulator.Answers;

/// <summary>Appends to a growing byte buffer; answers are assembled from UTF-8 pieces rather than serialized, since their exact bytes are the point.</summary>
internal sealed class Utf8Buffer(int capacity = 1024)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(capacity);

    public int Length => _bytes.WrittenCount;

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public Utf8Buffer Add(ReadOnlySpan<byte> utf8)
    {
        _bytes.Write(utf8);
        return this;
    }

    public Utf8Buffer Add(string text)
    {
        _ = Encoding.UTF8.GetBytes(text, _bytes);
        return this;
    }

    public Utf8Buffer Add(long number)
    {
        _ = number.TryFormat(_bytes.GetSpan(20), out var n, default, CultureInfo.InvariantCulture);
        _bytes.Advance(n);
        return this;
    }

    public Utf8Buffer Fill(byte value, int count)
    {
        if (count > 0)
        {
            _bytes.GetSpan(count)[..count].Fill(value);
            _bytes.Advance(count);
        }

        return this;
    }

    public void Clear() => _bytes.ResetWrittenCount();
}
