;; Serves the method `tables`, which makes a table larger until that is refused: 1 when it is, and 0 when it
;; has got ten million elements.
(module
  (import "oslo:messaging/serving@0.1.0" "[resource-drop]request"
    (func $drop (param $request i32)))
  (memory (export "memory") 1)
  (table $table 0 funcref)
  (data (i32.const 0x10) "tables")
  (data (i32.const 0x20) "01")
  ;; The names of the methods, the one endpoint without namespace and version, and the list of it.
  (data (i32.const 0x100) "\10\00\00\00" "\06\00\00\00")
  (data (i32.const 0x220) "\00\01\00\00" "\01\00\00\00")
  (data (i32.const 0x280) "\00\02\00\00" "\01\00\00\00")
  (global $free (mut i32) (i32.const 0x1000))
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "oslo:messaging/rpc-endpoint@0.1.0#endpoints") (result i32)
    (i32.const 0x280))
  (func (export "oslo:messaging/rpc-endpoint@0.1.0#handle") (param $request i32) (result i32)
    (call $drop (local.get $request))
    (i32.store (i32.const 0x300) (i32.const 0))
    (i32.store (i32.const 0x304) (i32.const 0x20))
    (i32.store (i32.const 0x308) (i32.const 1))
    (loop $more
      (if (i32.eq (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1))
        (then
          (i32.store (i32.const 0x304) (i32.const 0x21))
          (return (i32.const 0x300))))
      (br_if $more (i32.lt_u (table.size $table) (i32.const 10000000))))
    (i32.const 0x300)))
