using System.Buffers.Binary;
using System.Numerics;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>Keccak-256 of a text of less than 136 bytes: what Ethereum hashes with, which is SHA-3 with the padding it had before it became a standard.</summary>
internal static class Keccak256
{
    private const int Rate = 136;

    private static readonly int[] _rotations = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
    private static readonly int[] _lanes = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

    public static void Hash(ReadOnlySpan<byte> text, Span<byte> hash)
    {
        Span<byte> block = stackalloc byte[Rate];
        block.Clear();
        text.CopyTo(block);
        block[text.Length] = 1;
        block[Rate - 1] |= 0x80;
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        for (var i = 0; i < Rate / 8; i++)
        {
            state[i] = BinaryPrimitives.ReadUInt64LittleEndian(block[(i * 8)..]);
        }

        Permute(state);
        for (var i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(i * 8)..], state[i]);
        }
    }

    private static void Permute(Span<ulong> a)
    {
        Span<ulong> column = stackalloc ulong[5];
        byte shift = 1;
        for (var round = 0; round < 24; round++)
        {
            for (var x = 0; x < 5; x++)
            {
                column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
            }

            for (var i = 0; i < 25; i++)
            {
                a[i] ^= column[(i + 4) % 5] ^ BitOperations.RotateLeft(column[(i + 1) % 5], 1);
            }

            var moved = a[1];
            for (var i = 0; i < 24; i++)
            {
                (a[_lanes[i]], moved) = (BitOperations.RotateLeft(moved, _rotations[i]), a[_lanes[i]]);
            }

            for (var y = 0; y < 25; y += 5)
            {
                a.Slice(y, 5).CopyTo(column);
                for (var x = 0; x < 5; x++)
                {
                    a[y + x] = column[x] ^ (~column[(x + 1) % 5] & column[(x + 2) % 5]);
                }
            }

            // Seven bits of a shift register make the round's constant.
            for (var bit = 0; bit < 7; bit++)
            {
                a[0] ^= (ulong)(shift & 1) << ((1 << bit) - 1);
                shift = (byte)((shift << 1) ^ ((shift >> 7) * 0x71));
            }
        }
    }
}
