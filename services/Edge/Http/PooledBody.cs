using System.Buffers;

namespace Gateway.Edge.Http;

/// <summary>A whole body in a pooled buffer; returned once.</summary>
internal struct PooledBody(byte[] buffer, int length)
{
    private byte[]? _buffer = buffer;

    public int Length { get; } = length;

    public readonly ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    public readonly ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);

    public void Return()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
